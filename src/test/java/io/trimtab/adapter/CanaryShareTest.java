package io.trimtab.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanaryShareTest {
  private static final String DIGEST = "ab".repeat(32);
  private static final int REQUESTS = 20_000;

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 10, 50, 90, 99})
  void theShareIsThePercent(int percent) {
    double p = percent / 100.0;
    // Five standard deviations of a binomial: one in two million goes beyond.
    double slack = 5 * Math.sqrt(REQUESTS * p * (1 - p));
    assertThat((double) taken(DIGEST, percent).cardinality())
        .isBetween(REQUESTS * p - slack, REQUESTS * p + slack);
  }

  @Test
  void aGrowingPercentOnlyAddsRequests() {
    BitSet before = new BitSet();
    for (int percent : new int[] {1, 2, 10, 50, 99}) {
      BitSet now = taken(DIGEST, percent);
      before.andNot(now);
      assertThat(before.isEmpty()).isTrue();
      before = now;
    }
  }

  @Test
  void anotherCanaryTakesOthers() {
    BitSet both = taken(DIGEST, 10);
    both.and(taken("cd".repeat(32), 10));
    assertThat(both.cardinality()).isBetween(100, 300);
  }

  /** Computed with Python's hashlib, for whoever has to decide alike elsewhere. */
  @Test
  void theHashIsTheOneStated() {
    assertThat(smallestPercent("request-1")).isEqualTo(25);
    assertThat(smallestPercent("")).isEqualTo(37);
    assertThat(smallestPercent("ä")).isEqualTo(21);
  }

  private static int smallestPercent(String requestId) {
    int percent = 1;
    while (!CanaryShare.takes(DIGEST, percent, requestId)) {
      percent++;
    }
    return percent;
  }

  private static BitSet taken(String digest, int percent) {
    BitSet taken = new BitSet();
    for (int i = 0; i < REQUESTS; i++) {
      taken.set(i, CanaryShare.takes(digest, percent, "request-" + i));
    }
    return taken;
  }
}
