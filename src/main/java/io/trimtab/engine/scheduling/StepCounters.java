package io.trimtab.engine.scheduling;

import io.trimtab.engine.api.EngineStatistics;
import io.trimtab.engine.api.StepTimes;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** What the step loop has done since it started. Written by its thread alone, read by any. */
final class StepCounters {
  /** Steps whose durations are remembered; a power of two. */
  private static final int REMEMBERED = 1 << 16;

  /** A step's rows are up to 256, so they lie in the low bits and its nanoseconds above. */
  private static final int ROW_BITS = 9;

  private final AtomicLongArray stepsRemembered = new AtomicLongArray(REMEMBERED);
  private final AtomicLong decodeSteps = new AtomicLong();
  private final AtomicLong decodedTokens = new AtomicLong();
  private final AtomicLong prefilledTokens = new AtomicLong();
  private final AtomicLong reusedTokens = new AtomicLong();
  private final AtomicLong decodeNanos = new AtomicLong();
  private final AtomicLong decodeRunNanos = new AtomicLong();
  private final AtomicLong prefillNanos = new AtomicLong();
  private final AtomicLong moves = new AtomicLong();

  void decoded(int tokens, long nanos, long runNanos) {
    stepsRemembered.setRelease(
        (int) decodeSteps.getPlain() & (REMEMBERED - 1), nanos << ROW_BITS | tokens);
    add(decodeSteps, 1);
    add(decodedTokens, tokens);
    add(decodeNanos, nanos);
    add(decodeRunNanos, runNanos);
  }

  /** The steps since the one with that number, from 0; the latest 65536 where there were more. */
  StepTimes stepsSince(long first) {
    long steps = decodeSteps.getAcquire();
    long from = Math.max(first, steps - REMEMBERED);
    int count = (int) Math.max(0, steps - from);
    long[] nanos = new long[count];
    int[] rows = new int[count];
    for (int i = 0; i < count; i++) {
      long step = stepsRemembered.getAcquire((int) (from + i) & (REMEMBERED - 1));
      nanos[i] = step >>> ROW_BITS;
      rows[i] = (int) step & ((1 << ROW_BITS) - 1);
    }
    return new StepTimes(nanos, rows, steps);
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

  EngineStatistics snapshot(
      int running, int waiting, int runningInBackground, int waitingInBackground) {
    return new EngineStatistics(
        running,
        waiting,
        runningInBackground,
        waitingInBackground,
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
