package io.trimtab.adaptation.job;

import io.trimtab.engine.EngineStatistics;
import io.trimtab.engine.InferenceEngine;
import io.trimtab.tuning.job.TuningRun;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Holds training back while requests are served slower than they should be.
 *
 * <p>Twenty times a second it looks at the decode steps since it looked last. While training is
 * held, or there is none, they show how long a step takes alone; while it runs, a median beyond
 * that times the allowance holds it before its next micro-batch. It is let go as soon as no step
 * ran for a while, and under unbroken load at the latest after {@link Limits#heldMax}, for at least
 * {@link Limits#slice}: so long, and no longer, training starves.
 *
 * <p>A thread of its own from {@link #start} to {@link #close}.
 */
public final class ServingFirst implements AutoCloseable {
  /**
   * The bargain between both.
   *
   * @param allowance how many times as long a step may take with training as without, from 1
   * @param idle without a step for so long, requests are over
   * @param heldMax longest hold under load
   * @param slice how long training then runs, whatever the load
   */
  public record Limits(double allowance, Duration idle, Duration heldMax, Duration slice) {
    public static final Limits DEFAULT =
        new Limits(1.2, Duration.ofMillis(150), Duration.ofSeconds(10), Duration.ofMillis(250));
  }

  private static final Duration LOOK = Duration.ofMillis(50);

  private static final Duration SETTLED = Duration.ofMillis(500);

  /** How much of the known is kept when new steps are seen. */
  private static final double MEMORY = 0.9;

  private final InferenceEngine engine;
  private final Limits limits;
  private final Thread thread;

  /** Step nanoseconds without training, by running sequences; 0 where none was seen. */
  private final double[] alone = new double[1 + 256];

  private volatile boolean closed;
  private volatile @Nullable TuningRun run;

  /** All below belong to the thread. */
  private @Nullable TuningRun held;

  private long heldSince;
  private long letGoUntil;
  private long lastStep;
  private long seenSteps;

  public ServingFirst(InferenceEngine engine, Limits limits) {
    this.engine = engine;
    this.limits = limits;
    this.thread = Thread.ofPlatform().daemon().name("trimtab-serving-first").unstarted(this::watch);
  }

  public void start() {
    thread.start();
  }

  /** Training begins, or ends (null). */
  public void training(@Nullable TuningRun next) {
    run = next;
  }

  private void watch() {
    while (!closed) {
      look(System.nanoTime());
      LockSupport.parkNanos(LOOK.toNanos());
    }
  }

  /**
   * Looks at the steps since the last look, and holds training or lets it go.
   *
   * @param now nanoseconds, as {@link System#nanoTime}
   */
  void look(long now) {
    EngineStatistics statistics = engine.statistics();
    long[] nanos = engine.stepNanosSince(seenSteps);
    seenSteps = statistics.decodeSteps();
    if (nanos.length > 0) {
      lastStep = now;
    }
    TuningRun current = run;
    if (held != current) {
      held = null;
    }
    double typical = median(nanos);
    int rows = Math.clamp(statistics.running(), 1, alone.length - 1);
    // For a moment after the hold began, the micro-batch under way still runs.
    if (current == null || (held != null && now - heldSince > SETTLED.toNanos())) {
      learn(rows, typical);
    }
    if (current == null) {
      return;
    }
    if (held == null) {
      boolean slow = alone[rows] > 0 && typical > alone[rows] * limits.allowance();
      // A step that was never seen alone: hold, and see one.
      boolean unknown = nanos.length > 0 && alone[rows] == 0;
      if ((slow || unknown) && now >= letGoUntil) {
        held = current;
        heldSince = now;
        current.pause();
      }
    } else if (now - lastStep >= limits.idle().toNanos()) {
      letGo(current, now);
    } else if (now - heldSince >= limits.heldMax().toNanos()) {
      letGo(current, now + limits.slice().toNanos());
    }
  }

  private void letGo(TuningRun current, long until) {
    held = null;
    letGoUntil = until;
    current.resume();
  }

  private void learn(int rows, double typical) {
    if (typical > 0) {
      alone[rows] = alone[rows] == 0 ? typical : alone[rows] * MEMORY + typical * (1 - MEMORY);
    }
  }

  private static double median(long[] nanos) {
    if (nanos.length == 0) {
      return 0;
    }
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
