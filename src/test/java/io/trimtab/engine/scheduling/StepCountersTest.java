package io.trimtab.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.engine.api.StepTimes;
import org.junit.jupiter.api.Test;

class StepCountersTest {
  private final StepCounters counters = new StepCounters();

  @Test
  void eachStepIsRememberedWithItsRows() {
    counters.decoded(1, 5, 4);
    counters.decoded(256, 3_600_000_000_000L, 4);
    counters.decoded(8, 0, 0);

    StepTimes all = counters.stepsSince(0);
    assertThat(all.nanos()).containsExactly(5, 3_600_000_000_000L, 0);
    assertThat(all.rows()).containsExactly(1, 256, 8);
    assertThat(all.next()).isEqualTo(3);
    assertThat(counters.stepsSince(2).rows()).containsExactly(8);
    assertThat(counters.stepsSince(3).rows()).isEmpty();
    assertThat(counters.stepsSince(3).next()).isEqualTo(3);
  }

  @Test
  void ofVeryManyStepsTheLatestAreRemembered() {
    int steps = (1 << 16) + 10;
    for (int step = 0; step < steps; step++) {
      counters.decoded(1 + step % 256, step, 0);
    }
    StepTimes remembered = counters.stepsSince(3);
    assertThat(remembered.nanos()).hasSize(1 << 16).startsWith(10).endsWith(steps - 1);
    assertThat(remembered.rows()).startsWith(11);
    assertThat(remembered.next()).isEqualTo(steps);
  }
}
