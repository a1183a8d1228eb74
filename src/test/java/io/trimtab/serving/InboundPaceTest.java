package io.trimtab.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class InboundPaceTest {
  // Far from 0, and such that times overflow on the way.
  private static final long BEGUN = Long.MAX_VALUE - Duration.ofMinutes(1).toNanos();

  private final InboundPace pace = new InboundPace("body", BEGUN);

  @Test
  void nothingForTooLongIsAStall() {
    assertThat(pace.late(after(30))).isEmpty();
    assertThat(pace.late(after(31)).orElseThrow()).contains("came for 30 s");
    pace.arrived(after(29));
    assertThat(pace.late(after(59))).isEmpty();
    assertThat(pace.late(after(60))).isPresent();
  }

  @Test
  void aByteNowAndThenKeepsNoBodyOpenForEver() {
    for (int second = 25; second <= 300; second += 25) {
      pace.arrived(after(second));
      assertThat(pace.late(after(second))).isEmpty();
    }
    assertThat(pace.late(after(301)).orElseThrow()).contains("within 300 s");
  }

  @Test
  void theNextOneHasItsOwnTime() {
    pace.begin(after(290));
    assertThat(pace.late(after(301))).isEmpty();
    assertThat(pace.late(after(321))).isPresent();
  }

  private static long after(int seconds) {
    return BEGUN + Duration.ofSeconds(seconds).toNanos();
  }
}
