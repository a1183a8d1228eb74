package io.trimtab.serving;

import io.trimtab.engine.api.RequestHandle;
import org.jspecify.annotations.Nullable;

/**
 * Carries a client's cancel to the engine, also when it comes before the engine took the request.
 * Any thread.
 */
public final class Cancellation {
  private final Object lock = new Object();
  // Both guarded by lock; the handle is called outside it.
  private boolean cancelled;
  private @Nullable RequestHandle handle;

  /** The client wants no more. */
  public void cancel() {
    RequestHandle known;
    synchronized (lock) {
      cancelled = true;
      known = handle;
    }
    if (known != null) {
      known.cancel();
    }
  }

  /** What there is to cancel, from now on. */
  public void attach(RequestHandle taken) {
    boolean late;
    synchronized (lock) {
      handle = taken;
      late = cancelled;
    }
    if (late) {
      taken.cancel();
    }
  }
}
