package io.trimtab.engine.delta;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A request's hold on its delta: while it is open, the delta stays where it is. Closing it again
 * does nothing. Any thread.
 */
public final class DeltaLease implements AutoCloseable {
  private final @Nullable HostDelta delta;
  private final AtomicReference<@Nullable Runnable> release;

  private DeltaLease(@Nullable HostDelta delta, Runnable release) {
    this.delta = delta;
    this.release = new AtomicReference<>(release);
  }

  /**
   * @param release called once, when the lease is closed
   */
  public static DeltaLease of(HostDelta delta, Runnable release) {
    return new DeltaLease(delta, release);
  }

  /** A lease of nothing, of which someone wants to know when it is closed. */
  public static DeltaLease of(Runnable release) {
    return new DeltaLease(null, release);
  }

  /** Base: there is nothing to hold. */
  public static DeltaLease ofBase() {
    return new DeltaLease(null, () -> {});
  }

  /** What is held; null for base. Not to be used after {@link #close}. */
  public @Nullable HostDelta delta() {
    return delta;
  }

  @Override
  public void close() {
    Runnable once = release.getAndSet(null);
    if (once != null) {
      once.run();
    }
  }
}
