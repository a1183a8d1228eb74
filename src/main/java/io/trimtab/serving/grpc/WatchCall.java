package io.trimtab.serving.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.trimtab.adapter.Subscriber;
import io.trimtab.adapter.Subscription;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.OpenCalls;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One client that watches a tenant's events: until it goes, reads too slowly, or the server stops.
 * The subscription's thread sends, and waits for the client; gRPC's and the stopping server's may
 * end it. One lock guards both fields and every word to the client.
 *
 * @param <E> what is told of
 * @param <W> how it is said on the wire
 */
public final class WatchCall<E, W> implements Subscriber<E> {
  private final ServerCallStreamObserver<W> client;
  private final ClientPace pace;
  private final OpenCalls openCalls;
  private final Function<E, W> writer;
  private final Runnable whenStopping = this::stop;

  private final Object lock = new Object();
  private boolean over;
  private @Nullable Subscription<E> subscription;

  WatchCall(
      ServerCallStreamObserver<W> client,
      ClientPace pace,
      OpenCalls openCalls,
      Function<E, W> writer) {
    this.client = client;
    this.pace = pace;
    this.openCalls = openCalls;
    this.writer = writer;
  }

  /**
   * Counts a call in and subscribes it, at the client's pace. Where either fails the call ends.
   *
   * @param stallMax after which a client that reads nothing is given up
   */
  public static <E, W> void begin(
      ServerCallStreamObserver<W> client,
      Duration stallMax,
      OpenCalls openCalls,
      Function<E, W> writer,
      Function<Subscriber<E>, Subscription<E>> subscribing) {
    ClientPace pace = new ClientPace(client, stallMax);
    WatchCall<E, W> call = new WatchCall<>(client, pace, openCalls, writer);
    client.setOnReadyHandler(pace::changed);
    client.setOnCancelHandler(call::cancelled);
    try {
      call.begin();
    } catch (TrimtabException refusal) {
      client.onError(StatusMapping.toError(refusal));
      return;
    }
    try {
      call.attach(subscribing.apply(call));
    } catch (RuntimeException failure) {
      call.fail(failure);
    }
  }

  /**
   * Counts the call in.
   *
   * @throws TrimtabException UNAVAILABLE once the server is stopping
   */
  void begin() {
    openCalls.began(whenStopping);
  }

  /** Takes what is to be closed at the end, which may have been. */
  void attach(Subscription<E> taken) {
    boolean late;
    synchronized (lock) {
      subscription = taken;
      late = over;
    }
    if (late) {
      taken.close();
    }
  }

  @Override
  public void changed(E event) {
    try {
      pace.awaitReady();
    } catch (TrimtabException e) {
      ended(e);
      return;
    }
    synchronized (lock) {
      if (!over) {
        client.onNext(writer.apply(event));
      }
    }
  }

  @Override
  public void ended(TrimtabException reason) {
    fail(reason);
  }

  /** The client has gone. */
  void cancelled() {
    pace.changed();
    fail(new TrimtabException(ErrorCode.CANCELLED, "The client has gone"));
  }

  /** Ends the call with the status of a failure, unless it has ended. */
  public void fail(Throwable failure) {
    Subscription<E> taken;
    synchronized (lock) {
      if (over) {
        return;
      }
      over = true;
      client.onError(StatusMapping.toError(failure));
      taken = subscription;
    }
    if (taken != null) {
      taken.close();
    }
    openCalls.ended(whenStopping);
  }

  private void stop() {
    fail(
        new TrimtabException(
            ErrorCode.UNAVAILABLE, "The server is stopping; watch another or try again later"));
  }
}
