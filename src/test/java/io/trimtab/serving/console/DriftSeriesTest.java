package io.trimtab.serving.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adapter.AdapterId;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.Reference.Origin;
import io.trimtab.drift.Served;
import io.trimtab.drift.WatchReport;
import io.trimtab.drift.WatchReport.Metric;
import io.trimtab.serving.console.DriftSeries.Point;
import io.trimtab.serving.console.DriftSeries.Standing;
import java.util.List;
import org.junit.jupiter.api.Test;

class DriftSeriesTest {
  private static final AdapterId BIRDS = new AdapterId("t", "birds");

  private final DriftSeries series = new DriftSeries();

  @Test
  void figuresAreOverTheirThresholds() {
    series.sample(1000, List.of(report(BIRDS, 1, 3)));
    assertThat(series.of(BIRDS))
        .containsExactly(
            new Point(1000, 1, 1, 3, List.of(new Standing("numbers_bias+", 0.5, 0.25))));
    assertThat(series.of(new AdapterId("other", "birds"))).isEmpty();
  }

  @Test
  void aMomentAtWhichNothingWasReadIsLeftOut() {
    series.sample(1000, List.of(report(BIRDS, 1, 3)));
    series.sample(2000, List.of(report(BIRDS, 1, 3)));
    series.sample(3000, List.of(report(BIRDS, 1, 4), report(BIRDS, 2, 1)));
    series.sample(4000, List.of(report(BIRDS, 1, 4), report(BIRDS, 2, 1)));
    assertThat(series.of(BIRDS)).extracting(Point::time).containsExactly(1000L, 3000L, 3000L);
    assertThat(series.of(BIRDS)).extracting(Point::revision).containsExactly(1, 1, 2);
  }

  @Test
  void pointsAndAdaptersAreBounded() {
    for (int i = 1; i <= DriftSeries.POINTS_MAX + 5; i++) {
      series.sample(i, List.of(report(BIRDS, 1, i)));
    }
    assertThat(series.of(BIRDS)).hasSize(DriftSeries.POINTS_MAX);
    assertThat(series.of(BIRDS).getFirst().time()).isEqualTo(6);
    for (int i = 0; i < DriftSeries.ADAPTERS_MAX; i++) {
      series.sample(10_000 + i, List.of(report(new AdapterId("t", "a" + i), 1, 1)));
    }
    assertThat(series.of(BIRDS)).as("the one that was read longest ago").isEmpty();
    assertThat(series.of(new AdapterId("t", "a0"))).hasSize(1);
  }

  private static WatchReport report(AdapterId id, int revision, long answers) {
    return new WatchReport(
        new Served(id, revision, 1),
        DriftLevel.STABLE,
        Origin.ENVELOPE,
        answers,
        answers,
        3 * answers,
        0,
        List.of(new Metric("numbers_bias+", 0, 0.1, 50, 100, 2, 8, 0.01, DriftLevel.STABLE)));
  }
}
