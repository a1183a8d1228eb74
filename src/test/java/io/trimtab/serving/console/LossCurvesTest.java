package io.trimtab.serving.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.feedback.TriggerReason;
import io.trimtab.adaptation.job.JobState;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adaptation.job.TuningJob.Counts;
import io.trimtab.adaptation.job.TuningJob.Progress;
import io.trimtab.adapter.AdapterId;
import io.trimtab.serving.console.LossCurves.Point;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LossCurvesTest {
  private final LossCurves curves = new LossCurves();

  @Test
  void aCurveHasEachStepOnceAndNoLossThatIsNone() {
    curves.heard(job("a", 0, 0, 0));
    curves.heard(job("a", 1, Double.NaN, 0));
    curves.heard(job("a", 1, 2.5, 0));
    curves.heard(job("a", 1, 2.5, 0));
    curves.heard(job("a", 4, 1.5, 1.75));
    assertThat(curves.of("a")).containsExactly(new Point(1, 2.5, null), new Point(4, 1.5, 1.75));
    assertThat(curves.of("b")).isEmpty();
  }

  @Test
  void aJobThatGoesOnFromACheckpointDrawsItsStepsAnew() {
    for (int step = 1; step <= 5; step++) {
      curves.heard(job("a", step, 9, 0));
    }
    curves.heard(job("a", 3, 1, 0));
    assertThat(curves.of("a")).extracting(Point::step).containsExactly(1, 2, 3);
    assertThat(curves.of("a").getLast().train()).isEqualTo(1);
  }

  @Test
  void aLongCurveIsThinnedAndKeepsItsEnds() {
    for (int step = 1; step <= 10 * LossCurves.POINTS_MAX; step++) {
      curves.heard(job("a", step, step, 0));
      assertThat(curves.of("a").getLast().step()).isEqualTo(step);
    }
    assertThat(curves.of("a")).hasSizeLessThanOrEqualTo(LossCurves.POINTS_MAX);
    assertThat(curves.of("a").getFirst().step()).isEqualTo(1);
    assertThat(curves.of("a")).isSortedAccordingTo((x, y) -> x.step() - y.step());
  }

  @Test
  void theJobHeardOfFirstIsForgottenFirst() {
    for (int i = 0; i <= LossCurves.JOBS_MAX; i++) {
      curves.heard(job("job" + i, 1, 1, 0));
    }
    assertThat(curves.of("job0")).isEmpty();
    assertThat(curves.of("job1")).hasSize(1);
  }

  private static TuningJob job(String id, int step, double train, double validation) {
    return new TuningJob(
        id,
        new AdapterId("t", "birds"),
        1,
        1,
        JobState.TRAINING,
        "sa-proj",
        TriggerReason.MANUAL,
        Counts.NONE,
        new Progress(step, 100, train, validation, 0, 0),
        Instant.EPOCH,
        0,
        null,
        Instant.EPOCH,
        Instant.EPOCH,
        "",
        Instant.EPOCH,
        "",
        "");
  }
}
