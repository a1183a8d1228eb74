package io.trimtab.serving;

import io.grpc.stub.ServerCallStreamObserver;
import io.trimtab.adapter.AdapterEvent;
import io.trimtab.adapter.AdapterListener;
import io.trimtab.adapter.AdapterSubscription;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import org.jspecify.annotations.Nullable;

/**
 * One client that watches adapters: until it goes, reads too slowly, or the server stops. The
 * registry's thread sends, and waits for the client; gRPC's and the stopping server's may end it.
 * One lock guards both fields and every word to the client.
 */
final class WatchCall implements AdapterListener {
  private final ServerCallStreamObserver<io.trimtab.v1.AdapterEvent> client;
  private final ClientPace pace;
  private final OpenCalls openCalls;
  private final Runnable whenStopping = this::stop;

  private final Object lock = new Object();
  private boolean over;
  private @Nullable AdapterSubscription subscription;

  WatchCall(
      ServerCallStreamObserver<io.trimtab.v1.AdapterEvent> client,
      ClientPace pace,
      OpenCalls openCalls) {
    this.client = client;
    this.pace = pace;
    this.openCalls = openCalls;
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
  void attach(AdapterSubscription taken) {
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
  public void changed(AdapterEvent event) {
    try {
      pace.awaitReady();
    } catch (TrimtabException e) {
      ended(e);
      return;
    }
    synchronized (lock) {
      if (!over) {
        client.onNext(AdapterWriter.event(event.snapshot(), event.change()));
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
  void fail(Throwable failure) {
    AdapterSubscription taken;
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
