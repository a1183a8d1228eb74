package io.trimtab.engine;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** What the step loop has done since it started. Written by its thread alone, read by any. */
final class StepCounters {
  /** Steps whose durations are remembered; a power of two. */
  private static final int REMEMBERED = 1 << 16;

  private final AtomicLongArray stepNanos = new AtomicLongArray(REMEMBERED);
  private final AtomicLong decodeSteps = new AtomicLong();
  private final AtomicLong decodedTokens = new AtomicLong();
  private final AtomicLong prefilledTokens = new AtomicLong();
  private final AtomicLong reusedTokens = new AtomicLong();
  private final AtomicLong decodeNanos = new AtomicLong();
  private final AtomicLong decodeRunNanos = new AtomicLong();
  private final AtomicLong prefillNanos = new AtomicLong();
  private final AtomicLong moves = new AtomicLong();

  void decoded(int tokens, long nanos, long runNanos) {
    stepNanos.setRelease((int) decodeSteps.getPlain() & (REMEMBERED - 1), nanos);
    add(decodeSteps, 1);
    add(decodedTokens, tokens);
    add(decodeNanos, nanos);
    add(decodeRunNanos, runNanos);
  }

  /**
   * Nanoseconds of each decode step since the one with that number, from 0; of the latest 65536
   * where there were more.
   */
  long[] stepNanosSince(long first) {
    long steps = decodeSteps.getAcquire();
    long from = Math.max(first, steps - REMEMBERED);
    long[] nanos = new long[(int) Math.max(0, steps - from)];
    for (int i = 0; i < nanos.length; i++) {
      nanos[i] = stepNanos.getAcquire((int) (from + i) & (REMEMBERED - 1));
    }
    return nanos;
  }

  void prefilled(int tokens, long nanos) {
    add(prefilledTokens, tokens);
    add(prefillNanos, nanos);
  }

  void reused(int tokens) {
    add(reusedTokens, tokens);
  }

  void moved() {
    add(moves, 1);
  }

  EngineStatistics snapshot(int running, int waiting) {
    return new EngineStatistics(
        running,
        waiting,
        decodeSteps.get(),
        decodedTokens.get(),
        prefilledTokens.get(),
        reusedTokens.get(),
        decodeNanos.get(),
        decodeRunNanos.get(),
        prefillNanos.get(),
        moves.get());
  }

  /** One writer: a plain addition published in order is enough. */
  private static void add(AtomicLong counter, long amount) {
    counter.setRelease(counter.getPlain() + amount);
  }
}
