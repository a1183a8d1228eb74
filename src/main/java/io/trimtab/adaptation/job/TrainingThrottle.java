package io.trimtab.adaptation.job;

import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.engine.api.StepTimes;
import io.trimtab.tuning.job.TuningRun;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Holds training back while requests are served slower than they should be.
 *
 * <p>Twenty times a second it looks at the decode steps since it looked last. While training
 * stands, or there is none, they show how long a step takes alone; while it runs, a median beyond
 * that times the allowance holds it before its next micro-batch. It is let go as soon as no step
 * ran for a while. Under unbroken load it is let go once it has stood {@value #STANDS_TO_RAN} times
 * as long as it ran beside the requests before, at the latest after {@link Limits#heldMax}, and
 * then runs for {@link Limits#slice} and to the end of its micro-batch: so long, and no longer,
 * training starves, and so few tokens are slowed, by reckoning, that the slowest 5 % are not made
 * by it. Where it cannot look, training runs.
 *
 * <p>A thread of its own from {@link #start} to {@link #close}.
 */
public final class TrainingThrottle implements AutoCloseable {
  /**
   * The bargain between both.
   *
   * @param allowance how many times as long a step may take with training as without, from 1
   * @param idle without a step for so long, requests are over
   * @param heldMax longest that it stands under load
   * @param slice how long training then runs, whatever the load
   */
  public record Limits(double allowance, Duration idle, Duration heldMax, Duration slice) {
    public static final Limits DEFAULT =
        new Limits(1.2, Duration.ofMillis(150), Duration.ofSeconds(60), Duration.ofMillis(50));
  }

  private static final System.Logger LOG = System.getLogger(TrainingThrottle.class.getName());

  private static final Duration LOOK = Duration.ofMillis(50);

  /** Of the time under load, one part in forty is training's: half of the slowest 5 %. */
  private static final int STANDS_TO_RAN = 39;

  private final InferenceEngine engine;
  private final Limits limits;
  private final Thread thread;
  private volatile boolean closed;
  private volatile @Nullable TuningRun run;

  /** All below belong to the thread. */
  private final UncontendedStepTimes alone = new UncontendedStepTimes();

  private @Nullable Hold hold;
  private long letGoUntil;
  private long lastStep;
  private long seenSteps;

  /** Since when training runs beside requests that it slows; 0 where it does not. */
  private long slowsSince;

  /** Whether the last look failed. */
  private boolean blind;

  private enum Reason {
    SLOW,
    /** Steps like these were never seen alone: they are to be seen. */
    UNKNOWN
  }

  /** A run that was paused; {@code stoodAt} is 0 until its micro-batch is known to be over. */
  private record Hold(TuningRun run, Reason reason, long stoodAt) {}

  public TrainingThrottle(InferenceEngine engine, Limits limits) {
    this.engine = engine;
    this.limits = limits;
    this.thread =
        Thread.ofPlatform().daemon().name("trimtab-training-throttle").unstarted(this::watch);
  }

  public void start() {
    thread.start();
  }

  /** Training begins, or ends (null). */
  public void training(@Nullable TuningRun next) {
    run = next;
  }

  /** Whether training stands now, so that requests are served as fast as they should be. */
  public boolean holds() {
    TuningRun current = run;
    return current != null && current.isHeld();
  }

  private void watch() {
    while (!closed) {
      look(System.nanoTime());
      LockSupport.parkNanos(LOOK.toNanos());
    }
  }

  /**
   * Looks at the steps since the last look, and holds training or lets it go. After a look that
   * failed it is let go first.
   *
   * @param now nanoseconds, as {@link System#nanoTime}
   */
  void look(long now) {
    try {
      if (blind && hold != null) {
        letGo(hold, now);
      }
      holdOrLetGo(now);
      blind = false;
    } catch (RuntimeException | Error e) {
      boolean seeing = !blind;
      blind = true;
      if (seeing) {
        LOG.log(
            System.Logger.Level.ERROR,
            "It is not known whether training slows requests; it is not held until it is",
            e);
      }
    }
  }

  private void holdOrLetGo(long now) {
    StepTimes steps = engine.stepsSince(seenSteps);
    seenSteps = steps.next();
    if (steps.rows().length > 0) {
      lastStep = now;
    }
    TuningRun current = run;
    Hold holding = hold;
    if (holding != null && holding.run != current) {
      hold = null;
      holding = null;
    }
    // Steps since an earlier look at which it stood already.
    if (current == null || (holding != null && holding.stoodAt != 0)) {
      alone.learn(steps);
    }
    if (current == null) {
      slowsSince = 0;
      letGoUntil = now;
    } else if (holding == null) {
      holdWhereSlow(current, steps, now);
    } else {
      letGoWhereOver(holding, steps, now);
    }
  }

  private void holdWhereSlow(TuningRun current, StepTimes steps, long now) {
    if (now - letGoUntil < 0 || steps.rows().length == 0) {
      return;
    }
    OptionalDouble slowdown = alone.slowdown(steps);
    if (slowdown.isPresent() && slowdown.getAsDouble() <= limits.allowance()) {
      slowsSince = 0;
      return;
    }
    if (slowsSince == 0) {
      slowsSince = now - LOOK.toNanos();
    }
    hold = new Hold(current, slowdown.isPresent() ? Reason.SLOW : Reason.UNKNOWN, 0);
    current.pause();
  }

  private void letGoWhereOver(Hold holding, StepTimes steps, long now) {
    if (now - lastStep >= limits.idle().toNanos()) {
      slowsSince = 0;
      letGo(holding, now);
    } else if (holding.stoodAt == 0) {
      if (holding.run.isHeld()) {
        hold = new Hold(holding.run, holding.reason, now);
      }
    } else if (holding.reason == Reason.UNKNOWN && alone.slowdown(steps).isPresent()) {
      // From here on they can be compared; what it took to see them counts as training's time.
      letGo(holding, now);
    } else if (now - holding.stoodAt >= mostStanding(holding)) {
      slowsSince = now;
      letGo(holding, now + limits.slice().toNanos());
    }
  }

  private long mostStanding(Hold holding) {
    long ran = Math.max(0, holding.stoodAt - slowsSince);
    return Math.min(limits.heldMax().toNanos(), STANDS_TO_RAN * ran);
  }

  private void letGo(Hold holding, long until) {
    holding.run.resume();
    hold = null;
    letGoUntil = until;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
