package io.trimtab.serving.inference;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.Generator;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.grpc.ServerChannel;
import io.trimtab.serving.grpc.TenantInterceptor;
import io.trimtab.serving.security.TenantName;
import io.trimtab.serving.security.Tenants;
import io.trimtab.v1.InferenceGrpc;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Generates on a server elsewhere, over {@code trimtab.v1.Inference} without TLS. Connects with the
 * first request. A cancelled request fails as CANCELLED rather than finishing, as the server no
 * longer tells what it had. To be closed, once, when no request is running.
 */
public final class RemoteGenerator implements Generator, AutoCloseable {
  private final String server;
  private final ManagedChannel channel;

  private RemoteGenerator(String server, ManagedChannel channel) {
    this.server = server;
    this.channel = channel;
  }

  /**
   * For the server at an address.
   *
   * @param server {@code host:port}, or a host alone for port 9000
   * @throws TrimtabException INVALID_ARGUMENT for anything else
   */
  public static RemoteGenerator connect(String server) {
    return new RemoteGenerator(server, ServerChannel.open(server));
  }

  @Override
  public RequestHandle generate(GenerationRequest request, GenerationListener listener) {
    Metadata headers = new Metadata();
    // gRPC leaves out a header that it can't carry, and the call would be the default tenant's.
    String tenant = TenantName.require(request.tenant());
    // Left out, the default is meant, or whose the API key is.
    if (!tenant.equals(Tenants.DEFAULT)) {
      headers.put(TenantInterceptor.HEADER, tenant);
    }
    InferenceGrpc.InferenceStub stub =
        InferenceGrpc.newStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    if (request.deadline().isPresent()) {
      Duration left = Duration.between(Instant.now(), request.deadline().get());
      stub = stub.withDeadlineAfter(left.toNanos(), TimeUnit.NANOSECONDS);
    }
    RemoteCall call = new RemoteCall(server, listener);
    stub.generate(RequestWriter.generation(request), call);
    return call;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
