package io.trimtab.cli.bench;

import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.TuningListener;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/** When a job's updates were done, by {@link System#nanoTime}. */
final class TrainedUpdates implements TuningListener {
  /** Completes with the first update, and exceptionally when the job fails before it. */
  final CompletableFuture<Void> first = new CompletableFuture<>();

  /** Guarded by this. */
  private final LongList times = new LongList();

  /** Guarded by this. */
  private boolean over;

  @Override
  public synchronized void step(Step step) {
    times.add(System.nanoTime());
    first.complete(null);
  }

  @Override
  public void validated(Validation validation) {}

  @Override
  public synchronized void finished(Outcome outcome) {
    over = true;
  }

  @Override
  public synchronized void failed(TrimtabException reason) {
    over = true;
    first.completeExceptionally(reason);
  }

  /**
   * Updates done in [from, to), and the longest time within it without the end of one.
   *
   * @throws IllegalStateException where the job is over, so that there is nothing to measure
   */
  synchronized Span between(long from, long to) {
    if (over) {
      throw new IllegalStateException("The job that is measured is over");
    }
    long[] within = Arrays.stream(times.toArray()).filter(t -> t >= from && t < to).toArray();
    long longest = 0;
    long before = from;
    for (long time : within) {
      longest = Math.max(longest, time - before);
      before = time;
    }
    return new Span(within.length, Math.max(longest, to - before), to - from);
  }

  /** What was trained in a stretch of time. */
  record Span(int updates, long longestWithoutNanos, long nanos) {}
}
