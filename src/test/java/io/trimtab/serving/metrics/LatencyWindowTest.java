package io.trimtab.serving.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.serving.metrics.Figures.Spread;
import org.junit.jupiter.api.Test;

class LatencyWindowTest {
  private static final double[] BOUNDS = {0.1, 0.2, 0.4};

  @Test
  void whatIsBeforeTheWindowSaysNothing() {
    LatencyWindow window = new LatencyWindow(BOUNDS, 2);
    assertThat(window.sample(new long[] {50, 50, 50, 50})).isEmpty();
    assertThat(window.sample(new long[] {50, 50, 50, 50})).isEmpty();
    assertThat(window.sample(new long[] {50, 54, 54, 54})).isPresent();
    assertThat(window.sample(new long[] {50, 54, 54, 54})).isPresent();
    assertThat(window.sample(new long[] {50, 54, 54, 54})).isEmpty();
  }

  @Test
  void percentilesLieWithinTheirBuckets() {
    LatencyWindow window = new LatencyWindow(BOUNDS, 30);
    var _ = window.sample(new long[] {0, 0, 0, 0});
    // Ten under 0.1, eighty to 0.2, ten to 0.4.
    Spread spread = window.sample(new long[] {10, 90, 100, 100}).orElseThrow();
    assertThat(spread.median()).isEqualTo(0.15, within(1e-9));
    assertThat(spread.high()).isEqualTo(0.3, within(1e-9));
  }

  @Test
  void whatIsBeyondTheLastBoundIsThatBound() {
    LatencyWindow window = new LatencyWindow(BOUNDS, 30);
    var _ = window.sample(new long[] {0, 0, 0, 0});
    assertThat(window.sample(new long[] {0, 0, 0, 7}).orElseThrow())
        .isEqualTo(new Spread(0.4, 0.4));
  }

  @Test
  void aSampleOfOtherBucketsIsRefused() {
    assertThatThrownBy(() -> new LatencyWindow(BOUNDS, 1).sample(new long[] {1, 2}))
        .hasMessage("2 counts for 3 bounds, expected one more");
  }
}
