package io.trimtab.serving.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.trimtab.serving.OpenCalls;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The one answer of a unary call: a message or a status, whichever the engine gives. Exactly one of
 * the two is called, once, by any thread.
 */
public final class UnaryReply<T> {
  private final ServerCallStreamObserver<T> client;
  private final OpenCalls openCalls;

  public UnaryReply(ServerCallStreamObserver<T> client, OpenCalls openCalls) {
    this.client = client;
    this.openCalls = openCalls;
  }

  public void answer(T message) {
    client.onNext(message);
    client.onCompleted();
    openCalls.ended();
  }

  /** Answers what is written here, or with why it could not be: else nobody ended the call. */
  public void write(Supplier<T> message) {
    try {
      answer(message.get());
    } catch (Throwable failure) {
      fail(failure);
    }
  }

  public void fail(Throwable failure) {
    client.onError(StatusMapping.toError(failure));
    openCalls.ended();
  }

  /** For {@link java.util.concurrent.CompletableFuture#whenComplete}. */
  public <R> BiConsumer<R, Throwable> writing(Function<R, T> writer) {
    return (result, failure) -> {
      if (failure == null) {
        write(() -> writer.apply(result));
      } else {
        fail(failure);
      }
    };
  }
}
