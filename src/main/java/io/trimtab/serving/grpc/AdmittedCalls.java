package io.trimtab.serving.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.OpenCalls;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * The way of a service's calls: counted in, unless the server stops; done on a virtual thread,
 * which may wait; ended once, be it by an answer or by the status of whatever was thrown.
 *
 * <p>To be called on gRPC's thread, as a method of a service is.
 */
public final class AdmittedCalls {
  private final OpenCalls openCalls;

  public AdmittedCalls(OpenCalls openCalls) {
    this.openCalls = openCalls;
  }

  /** Sends the messages of a streamed answer; the call is completed when it returns. */
  @FunctionalInterface
  public interface Streaming<T> {
    void send(Caller caller, ServerCallStreamObserver<T> client, ClientPace pace) throws Exception;
  }

  /** Answers a unary call with what the work returns. */
  public <T> void answer(StreamObserver<T> observer, Function<Caller, T> work) {
    reply(observer, (caller, reply) -> reply.write(() -> work.apply(caller)));
  }

  /** Has the work see to a unary call's reply, now or later. */
  public <T> void reply(StreamObserver<T> observer, BiConsumer<Caller, UnaryReply<T>> work) {
    ServerCallStreamObserver<T> client = (ServerCallStreamObserver<T>) observer;
    // Without a handler, an answer to a client that has gone would throw.
    client.setOnCancelHandler(() -> {});
    replyTo(client, work);
  }

  /** The same for a client whose going is heard of already. */
  public <T> void replyTo(
      ServerCallStreamObserver<T> client, BiConsumer<Caller, UnaryReply<T>> work) {
    if (!began(client)) {
      return;
    }
    UnaryReply<T> reply = new UnaryReply<>(client, openCalls);
    Caller caller = Caller.current();
    Thread.startVirtualThread(
        () -> {
          try {
            work.accept(caller, reply);
          } catch (Throwable failure) {
            // Errors too: a call that nobody ends would hold a stopping server.
            reply.fail(failure);
          }
        });
  }

  /**
   * Answers with a stream, at the client's pace.
   *
   * @param stallMax after which a client that reads nothing is given up
   */
  public <T> void stream(StreamObserver<T> observer, Duration stallMax, Streaming<T> work) {
    ServerCallStreamObserver<T> client = (ServerCallStreamObserver<T>) observer;
    ClientPace pace = new ClientPace(client, stallMax);
    client.setOnReadyHandler(pace::changed);
    client.setOnCancelHandler(pace::changed);
    if (!began(client)) {
      return;
    }
    Caller caller = Caller.current();
    Thread.startVirtualThread(
        () -> {
          try {
            work.send(caller, client, pace);
            client.onCompleted();
          } catch (Throwable failure) {
            client.onError(StatusMapping.toError(failure));
          }
          openCalls.ended();
        });
  }

  private boolean began(ServerCallStreamObserver<?> client) {
    try {
      openCalls.began();
      return true;
    } catch (TrimtabException refusal) {
      client.onError(StatusMapping.toError(refusal));
      return false;
    }
  }
}
