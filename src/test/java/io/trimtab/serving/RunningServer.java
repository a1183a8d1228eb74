package io.trimtab.serving;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.serving.grpc.TenantInterceptor;
import io.trimtab.serving.inference.InferenceService;
import io.trimtab.serving.security.Tenants;
import java.io.IOException;
import java.util.List;

/** The inference service behind a real socket, without the rest of the server. */
public final class RunningServer implements AutoCloseable {
  /** What HTTP/2 starts with. */
  private static final int WINDOW_BYTES = 65_535;

  private final Server server;
  private final ManagedChannel channel;

  private RunningServer(Server server) {
    this.server = server;
    this.channel = channelTo(server.getPort());
  }

  /**
   * A channel on which a client that reads nothing is sent a known amount. By default gRPC widens
   * the window while bytes arrive, read or not, up to 8 MiB.
   */
  static ManagedChannel channelTo(int port) {
    return NettyChannelBuilder.forAddress("localhost", port)
        .usePlaintext()
        .flowControlWindow(WINDOW_BYTES)
        .build();
  }

  public static RunningServer start(InferenceEngine engine) throws IOException {
    return start(engine, ServingLimits.DEFAULT, new OpenCalls());
  }

  public static RunningServer start(
      InferenceEngine engine, ServingLimits limits, OpenCalls openCalls) throws IOException {
    return start(engine, limits, openCalls, NoPredictions.kept(), List.of());
  }

  /** The same with other services beside it. */
  public static RunningServer start(
      InferenceEngine engine,
      ServingLimits limits,
      OpenCalls openCalls,
      Predictions predictions,
      List<ServerServiceDefinition> beside)
      throws IOException {
    return new RunningServer(
        ServerBuilder.forPort(0)
            .addServices(beside)
            .addService(
                new InferenceService(
                    engine, engine, limits, predictions, openCalls, Thread::startVirtualThread))
            .intercept(new TenantInterceptor(Tenants.open()))
            .maxInboundMessageSize(64 << 20)
            .build()
            .start());
  }

  /** As {@code --server} takes it. */
  public String address() {
    return "localhost:" + server.getPort();
  }

  public ManagedChannel channel() {
    return channel;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
  }
}
