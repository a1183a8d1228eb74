package io.trimtab.serving;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.trimtab.engine.GenerationListener;
import io.trimtab.engine.GenerationRequest;
import io.trimtab.engine.Generator;
import io.trimtab.engine.RequestHandle;
import io.trimtab.error.TrimtabException;
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
  private static final int DEFAULT_PORT = 9000;
  // A whole answer with the most log-probabilities is a few MB.
  private static final int ANSWER_BYTES_MAX = 64 << 20;

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
    int colon = server.lastIndexOf(':');
    // An IPv6 address stands in brackets.
    boolean hasPort = colon > server.lastIndexOf(']');
    String host = hasPort ? server.substring(0, colon) : server;
    int port = hasPort ? port(server, server.substring(colon + 1)) : DEFAULT_PORT;
    if (host.isEmpty()) {
      throw malformed(server);
    }
    return new RemoteGenerator(
        server,
        ManagedChannelBuilder.forAddress(host, port)
            .usePlaintext()
            .maxInboundMessageSize(ANSWER_BYTES_MAX)
            .build());
  }

  @Override
  public RequestHandle generate(GenerationRequest request, GenerationListener listener) {
    Metadata headers = new Metadata();
    headers.put(TenantInterceptor.HEADER, request.tenant());
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

  private static int port(String server, String digits) {
    try {
      int port = Integer.parseInt(digits);
      if (port >= 1 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException _) {
      // Answered below, like a number out of range.
    }
    throw malformed(server);
  }

  private static TrimtabException malformed(String server) {
    return TrimtabException.invalid(
        "The server is %s, expected HOST:PORT with a port of 1 to 65535"
            .formatted(Quoted.of(server)));
  }
}
