package io.trimtab.serving.tracing;

import java.time.Instant;

/**
 * Moments of one request: a beginning by the wall clock, the rest by a clock that never jumps.
 *
 * @param epochNanos the beginning, since 1970
 * @param nanos the same moment by {@link System#nanoTime}
 */
record Timeline(long epochNanos, long nanos) {
  /** One that begins now. */
  static Timeline now() {
    Instant now = Instant.now();
    return new Timeline(now.getEpochSecond() * 1_000_000_000 + now.getNano(), System.nanoTime());
  }

  /** That many nanoseconds after the beginning, in nanoseconds since 1970. */
  long at(long nanosAfter) {
    return epochNanos + nanosAfter;
  }

  /** Now, in nanoseconds since 1970. */
  long present() {
    return at(System.nanoTime() - nanos);
  }
}
