package io.trimtab.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CallIdsTest {
  @Test
  void requestIdIsKeptMadeOrRefused() {
    assertThat(CallIds.of("mine").requestId()).isEqualTo("mine");
    assertThat(CallIds.of("").requestId()).hasSize(36);
    assertThat(CallIds.of("x".repeat(128)).requestId()).hasSize(128);
    assertThatThrownBy(() -> CallIds.of("x".repeat(129)))
        .hasMessageContaining("at most 128 printable");
    assertThatThrownBy(() -> CallIds.of("a\nb")).hasMessageContaining("request_id is 'a?b'");
  }

  @Test
  void predictionIdsSortByTime() {
    Instant time = Instant.ofEpochMilli(1_700_000_000_000L);
    String earlier = CallIds.timeSorted(time);
    String later = CallIds.timeSorted(time.plusMillis(1));
    assertThat(earlier).isLessThan(later);
    assertThat(UUID.fromString(earlier).version()).isEqualTo(7);
    assertThat(UUID.fromString(earlier).variant()).isEqualTo(2);
    assertThat(CallIds.timeSorted(time)).isNotEqualTo(earlier);
  }
}
