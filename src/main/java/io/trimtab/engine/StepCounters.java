package io.trimtab.engine;

import java.util.concurrent.atomic.AtomicLong;

/** What the step loop has done since it started. Written by its thread alone, read by any. */
final class StepCounters {
  private final AtomicLong decodeSteps = new AtomicLong();
  private final AtomicLong decodedTokens = new AtomicLong();
  private final AtomicLong prefilledTokens = new AtomicLong();
  private final AtomicLong reusedTokens = new AtomicLong();
  private final AtomicLong decodeNanos = new AtomicLong();
  private final AtomicLong decodeRunNanos = new AtomicLong();
  private final AtomicLong prefillNanos = new AtomicLong();
  private final AtomicLong moves = new AtomicLong();

  void decoded(int tokens, long nanos, long runNanos) {
    add(decodeSteps, 1);
    add(decodedTokens, tokens);
    add(decodeNanos, nanos);
    add(decodeRunNanos, runNanos);
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
