package io.trimtab.cli.bench;

import io.trimtab.tuning.job.TuningRun;

/**
 * A job that a benchmark shuts and opens, and that counts how long others hold it while it is open:
 * it trains while it is open and nobody holds it. Any thread.
 */
final class MeteredRun implements TuningRun {
  private final TuningRun run;

  /** All below are guarded by this. */
  private boolean open = true;

  private boolean held;
  private long opened = System.nanoTime();
  private long since = opened;
  private long heldNanos;
  private long longestHeldNanos;
  private int holds;

  MeteredRun(TuningRun run) {
    this.run = run;
  }

  /**
   * What others have made of it.
   *
   * @param openNanos from opening it to shutting it
   * @param heldNanos of them that it was held
   * @param longestHeldNanos at a time
   * @param holds how often it was held
   */
  record Holding(long openNanos, long heldNanos, long longestHeldNanos, int holds) {}

  /** Lets it train, held by nobody, and counts from here. */
  synchronized void open() {
    open = true;
    opened = System.nanoTime();
    held = false;
    heldNanos = 0;
    longestHeldNanos = 0;
    holds = 0;
    run.resume();
  }

  /** Keeps it from training, whoever lets it go; what happened since it was opened. */
  synchronized Holding shut() {
    endHold();
    open = false;
    held = false;
    run.pause();
    return new Holding(System.nanoTime() - opened, heldNanos, longestHeldNanos, holds);
  }

  @Override
  public synchronized void pause() {
    if (open && !held) {
      held = true;
      holds++;
      since = System.nanoTime();
      run.pause();
    }
  }

  @Override
  public synchronized void resume() {
    if (open) {
      endHold();
      run.resume();
    }
  }

  @Override
  public boolean isHeld() {
    return run.isHeld();
  }

  @Override
  public void stop() {
    run.stop();
  }

  private void endHold() {
    if (held) {
      long nanos = System.nanoTime() - since;
      heldNanos += nanos;
      longestHeldNanos = Math.max(longestHeldNanos, nanos);
      held = false;
    }
  }
}
