package io.trimtab.adaptation.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.testing.FakeEngine;
import io.trimtab.tuning.job.TuningRun;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Time is told, so that each moment is looked at. */
class ServingFirstTest {
  private static final long ALONE = 100_000;
  private static final long SLOWER = 150_000;
  private static final long MILLI = 1_000_000;

  private final FakeEngine engine = FakeEngine.answering("");
  private final ServingFirst servingFirst =
      new ServingFirst(
          engine,
          new ServingFirst.Limits(
              1.2, Duration.ofMillis(150), Duration.ofSeconds(10), Duration.ofMillis(250)));
  private final Run run = new Run();
  private long now;

  /** Remembers what it was told last. */
  private static final class Run implements TuningRun {
    private boolean held;
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
    public void stop() {
      throw new AssertionError("It stops no job");
    }
  }

  @BeforeEach
  void seeHowLongAStepTakesAlone() {
    later(0, 1, ALONE, 10);
    servingFirst.training(run);
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
  void underUnbrokenLoadItGetsASliceEveryTenSeconds() {
    later(50, 1, SLOWER, 10);
    for (int i = 0; i < 199; i++) {
      later(50, 1, ALONE, 10);
    }
    assertThat(run.held).isTrue();
    later(50, 1, ALONE, 10);
    assertThat(run.held).as("after 10 s").isFalse();
    later(200, 1, SLOWER, 10);
    assertThat(run.held).as("in its slice").isFalse();
    later(50, 1, SLOWER, 10);
    assertThat(run.held).as("after its slice").isTrue();
  }

  @Test
  void aBatchThatWasNeverSeenAloneIsSeenAloneFirst() {
    later(50, 4, SLOWER, 10);
    assertThat(run.held).isTrue();
    // The micro-batch under way is over; these are alone.
    later(600, 4, SLOWER, 10);
    later(200, 4, 0, 0);
    later(50, 4, SLOWER, 10);
    assertThat(run.held).isFalse();
    assertThat(run.holds).isEqualTo(1);
  }

  @Test
  void theNextJobBeginsUnheld() {
    later(50, 1, SLOWER, 10);
    Run next = new Run();
    servingFirst.training(next);
    later(50, 1, ALONE, 10);
    assertThat(next.held).isFalse();
    later(50, 1, SLOWER, 10);
    assertThat(next.held).isTrue();
  }

  private void later(long millis, int rows, long nanos, int steps) {
    engine.decoded(rows, nanos, steps);
    now += millis * MILLI;
    servingFirst.look(now);
  }
}
