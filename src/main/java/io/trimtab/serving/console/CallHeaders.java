package io.trimtab.serving.console;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.trimtab.serving.security.Tenants;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.List;

/** Hands the credential of the HTTP call at hand on to the services, which read it themselves. */
@RequestScoped
class CallHeaders {
  private static final List<Metadata.Key<String>> HEADERS =
      List.of(key(HttpHeaders.AUTHORIZATION), key(Tenants.HEADER));

  private final HttpHeaders headers;
  private final OwnServices services;

  @Inject
  CallHeaders(HttpHeaders headers, OwnServices services) {
    this.headers = headers;
    this.services = services;
  }

  /** The services, for this caller; good for longer than the HTTP call. */
  Channel channel() {
    Metadata metadata = new Metadata();
    for (Metadata.Key<String> key : HEADERS) {
      String value = headers.getHeaderString(key.name());
      if (value != null) {
        metadata.put(key, value);
      }
    }
    return ClientInterceptors.intercept(
        services.channel(), MetadataUtils.newAttachHeadersInterceptor(metadata));
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
