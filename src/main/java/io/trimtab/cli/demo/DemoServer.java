package io.trimtab.cli.demo;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.cli.up.ServerOptions;
import io.trimtab.cli.up.ServerStarter;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.DescribeModelRequest;
import io.trimtab.v1.InferenceGrpc;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** The server in this process, and a connection to it as any client has one. */
final class DemoServer implements AutoCloseable {
  private static final Duration START_MAX = Duration.ofMinutes(2);
  private static final long LOOK_MILLIS = 200;

  private static final long STOP_MAX_SECONDS = 60;

  private final RemoteServer connection;
  private final ServerStarter starter;
  private final CompletableFuture<Integer> ended;

  private DemoServer(
      RemoteServer connection, ServerStarter starter, CompletableFuture<Integer> ended) {
    this.connection = connection;
    this.starter = starter;
    this.ended = ended;
  }

  /** Returns when it answers. */
  static DemoServer start(
      ServerStarter starter,
      ServerOptions options,
      Function<String, ManagedChannel> channels,
      int port)
      throws InterruptedException {
    CompletableFuture<Integer> ended = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("demo-server")
        .start(
            () -> {
              try {
                ended.complete(starter.run(options));
              } catch (RuntimeException e) {
                ended.completeExceptionally(e);
              }
            });
    RemoteOptions remote = new RemoteOptions();
    remote.server = "127.0.0.1:" + port;
    remote.tenant = "demo";
    RemoteServer connection = RemoteServer.of(remote, channels);
    long end = System.nanoTime() + START_MAX.toNanos();
    while (true) {
      if (ended.isDone()) {
        throw failure(ended);
      }
      try {
        var _ =
            connection.call(
                () ->
                    connection
                        .stub(InferenceGrpc::newBlockingStub)
                        .describeModel(DescribeModelRequest.getDefaultInstance()));
        return new DemoServer(connection, starter, ended);
      } catch (TrimtabException e) {
        if (System.nanoTime() > end) {
          throw e;
        }
        Thread.sleep(LOOK_MILLIS);
      }
    }
  }

  private static TrimtabException failure(CompletableFuture<Integer> ended) {
    try {
      return new TrimtabException(ErrorCode.INTERNAL, "The server ended with code " + ended.join());
    } catch (CompletionException e) {
      return e.getCause() instanceof TrimtabException refusal
          ? refusal
          : new TrimtabException(ErrorCode.INTERNAL, "The server did not start", e.getCause());
    }
  }

  RemoteServer connection() {
    return connection;
  }

  @Override
  public void close() {
    connection.close();
    starter.stop();
    try {
      var _ = ended.get(STOP_MAX_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // It ends with the process.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
