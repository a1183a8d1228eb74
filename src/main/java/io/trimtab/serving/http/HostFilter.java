package io.trimtab.serving.http;

import io.trimtab.serving.security.HostNames;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;
import java.net.URI;

/** Refuses (403) calls by a name that is not this server's; {@link HostNames} says why. */
@Provider
public class HostFilter implements ContainerRequestFilter {
  // Filters are made while the program is built up, before there are settings.
  private final Instance<HostNames> names;

  @Inject
  HostFilter(Instance<HostNames> names) {
    this.names = names;
  }

  @Override
  public void filter(ContainerRequestContext call) {
    URI uri = call.getUriInfo().getRequestUri();
    // A name with an underscore is no host to Java, and is one to browsers.
    String host = uri.getHost() == null ? uri.getRawAuthority() : uri.getHost();
    // HTTP/1.0 names none; no browser speaks it.
    if (host != null && !names.get().has(host)) {
      throw new ForbiddenException(
          "The call is to the host '%s'; without API keys this server answers to localhost alone"
              .formatted(host.length() > 64 ? host.substring(0, 64) + "…" : host));
    }
  }
}
