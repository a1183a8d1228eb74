package io.trimtab.cli.adapters;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.AdaptersGrpc;
import io.trimtab.v1.AdaptersGrpc.AdaptersBlockingStub;
import io.trimtab.v1.AdaptersGrpc.AdaptersStub;
import java.io.IOException;
import java.util.Iterator;
import java.util.function.Function;

/** {@code trimtab.v1.Adapters} of one server, for one tenant. */
final class RemoteAdapters implements AutoCloseable {
  private final RemoteServer server;

  private RemoteAdapters(RemoteServer server) {
    this.server = server;
  }

  /** Connects with the first call. */
  static RemoteAdapters of(RemoteOptions options, Function<String, ManagedChannel> channels) {
    return new RemoteAdapters(RemoteServer.of(options, channels));
  }

  /** Makes a call that waits for its answer. */
  <T> T call(Function<AdaptersBlockingStub, T> call) {
    return server.call(() -> call.apply(server.stub(AdaptersGrpc::newBlockingStub)));
  }

  /** Makes a call and reads what it streams to the end. */
  <T> void forEach(
      Function<AdaptersBlockingStub, Iterator<T>> call, RemoteServer.Receiver<T> receiver)
      throws IOException {
    server.forEach(() -> call.apply(server.stub(AdaptersGrpc::newBlockingStub)), receiver);
  }

  /** For calls that send a stream. */
  AdaptersStub streams() {
    return server.stub(AdaptersGrpc::newStub);
  }

  TrimtabException refusal(Status status) {
    return server.refusal(status);
  }

  @Override
  public void close() {
    server.close();
  }
}
