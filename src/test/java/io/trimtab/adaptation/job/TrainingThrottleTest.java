package io.trimtab.adaptation.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.testing.FakeEngine;
import io.trimtab.tuning.job.TuningRun;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Time is told, so that each moment is looked at. */
class TrainingThrottleTest {
  private static final long ALONE = 100_000;
  private static final long SLOWER = 150_000;
  private static final long MILLI = 1_000_000;

  private final FakeEngine engine = FakeEngine.answering("");
  private final TrainingThrottle throttle =
      new TrainingThrottle(
          engine,
          new TrainingThrottle.Limits(
              1.2, Duration.ofMillis(150), Duration.ofSeconds(20), Duration.ofMillis(50)));
  private final Run run = new Run();
  private long now;

  /** Remembers what it was told last. */
  private static final class Run implements TuningRun {
    private boolean held;
    private boolean inMicroBatch;
    private int holds;

    @Override
    public void pause() {
      held = true;
      holds++;
    }

    @Override
    public void resume() {
      held = false;
    }

    @Override
    public boolean isHeld() {
      return held && !inMicroBatch;
    }

    @Override
    public void stop() {
      throw new AssertionError("It stops no job");
    }
  }

  @BeforeEach
  void seeHowLongAStepTakesAlone() {
    later(0, 1, ALONE, 10);
    throttle.training(run);
  }

  @Test
  void stepsAsFastAsAloneHoldNothing() {
    later(50, 1, ALONE, 10);
    later(50, 1, ALONE * 11 / 10, 10);
    assertThat(run.holds).isZero();
  }

  @Test
  void slowerStepsHoldTrainingUntilTheRequestsAreOver() {
    later(50, 1, SLOWER, 10);
    assertThat(run.held).isTrue();
    later(50, 1, ALONE, 10);
    later(100, 1, 0, 0);
    assertThat(run.held).isTrue();
    later(50, 1, 0, 0);
    assertThat(run.held).isFalse();
  }

  @Test
  void withoutRequestsTrainingIsNeverHeld() {
    for (int i = 0; i < 100; i++) {
      later(50, 0, 0, 0);
    }
    assertThat(run.holds).isZero();
  }

  @Test
  void underUnbrokenLoadItStandsThirtyNineTimesAsLongAsItRan() {
    run.inMicroBatch = true;
    later(50, 1, SLOWER, 10);
    later(50, 1, SLOWER, 10);
    run.inMicroBatch = false;
    later(50, 1, ALONE, 10);
    // It ran beside requests from 50 ms before the first look to the third.
    for (int i = 0; i < 39 * 150 / 50 - 1; i++) {
      later(50, 1, ALONE, 10);
    }
    assertThat(run.held).isTrue();
    later(50, 1, ALONE, 10);
    assertThat(run.held).as("after 39 times 150 ms").isFalse();
    later(40, 1, SLOWER, 10);
    assertThat(run.held).as("in its slice").isFalse();
    later(50, 1, SLOWER, 10);
    assertThat(run.held).as("after its slice").isTrue();
  }

  @Test
  void howeverLongAMicroBatchTakesItStandsNoLongerThanTheMost() {
    run.inMicroBatch = true;
    for (int i = 0; i < 200; i++) {
      later(50, 1, SLOWER, 10);
    }
    run.inMicroBatch = false;
    later(50, 1, ALONE, 10);
    for (int i = 0; i < 399; i++) {
      later(50, 1, ALONE, 10);
    }
    assertThat(run.held).isTrue();
    later(50, 1, ALONE, 10);
    assertThat(run.held).as("after 20 s").isFalse();
  }

  @Test
  void stepsBesideTheMicroBatchUnderWayAreNotTakenForStepsAlone() {
    run.inMicroBatch = true;
    for (int i = 0; i < 100; i++) {
      later(50, 1, SLOWER, 10);
    }
    run.inMicroBatch = false;
    later(200, 1, 0, 0);
    assertThat(run.held).isFalse();
    later(50, 1, SLOWER, 10);
    assertThat(run.holds).as("still slower than alone").isEqualTo(2);
  }

  @Test
  void aStepIsComparedWithThoseOfAsManyRows() {
    throttle.training(null);
    later(50, 8, 3 * ALONE, 10);
    throttle.training(run);
    // One row is left when it looks; the steps since had eight, and were as fast as ever.
    engine.decoded(8, 3 * ALONE, 10);
    later(50, 1, ALONE, 1);
    assertThat(run.holds).isZero();
    // And the other way round.
    engine.decoded(1, 2 * ALONE, 10);
    later(50, 8, 3 * ALONE, 1);
    assertThat(run.holds).isEqualTo(1);
  }

  @Test
  void aBatchThatWasNeverSeenAloneIsSeenAloneFirst() {
    later(50, 4, SLOWER, 10);
    assertThat(run.held).isTrue();
    later(50, 4, SLOWER, 10);
    assertThat(run.held)
        .as("it stands, and the steps until now are not known to be alone")
        .isTrue();
    later(50, 4, SLOWER, 10);
    assertThat(run.held).as("they are alone").isFalse();
    later(50, 4, SLOWER, 10);
    assertThat(run.held).isFalse();
    assertThat(run.holds).isEqualTo(1);
    later(50, 4, 2 * SLOWER, 10);
    assertThat(run.held).isTrue();
  }

  @Test
  void theNextJobBeginsUnheld() {
    later(50, 1, SLOWER, 10);
    Run next = new Run();
    throttle.training(next);
    later(50, 1, ALONE, 10);
    assertThat(next.held).isFalse();
    later(50, 1, SLOWER, 10);
    assertThat(next.held).isTrue();
  }

  @Test
  void whereStepsCannotBeSeenTrainingIsLetGoUntilTheyCan() {
    later(50, 1, SLOWER, 10);
    assertThat(run.held).isTrue();
    engine.failSteps(new IllegalStateException("no steps"));
    later(50, 0, 0, 0);
    later(50, 0, 0, 0);
    assertThat(run.held).isFalse();
    engine.failSteps(null);
    later(50, 1, SLOWER, 10);
    assertThat(run.held).isTrue();
  }

  private void later(long millis, int rows, long nanos, int steps) {
    engine.decoded(rows, nanos, steps);
    now += millis * MILLI;
    throttle.look(now);
  }
}
