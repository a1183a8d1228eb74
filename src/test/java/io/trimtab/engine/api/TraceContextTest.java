package io.trimtab.engine.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
  private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  @Test
  void theHeadersOfW3CsRecommendationAreRead() {
    TraceContext trace = TraceContext.read(PARENT, "congo=t61rcWkgMzE");
    assertThat(trace.parent()).isEqualTo(PARENT);
    assertThat(trace.state()).isEqualTo("congo=t61rcWkgMzE");
    assertThat(trace.traceId()).contains("4bf92f3577b34da6a3ce929d0e0e4736");
  }

  /** A later version may have more behind a dash, and is read as far as it is known. */
  @Test
  void aLaterVersionIsRead() {
    assertThat(TraceContext.read("cc" + PARENT.substring(2) + "-what-comes", null).traceId())
        .contains("4bf92f3577b34da6a3ce929d0e0e4736");
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\nX",
      })
  void aHeaderThatIsNoneCountsAsNotSent(@Nullable String parent) {
    TraceContext trace = TraceContext.read(parent, "congo=t61rcWkgMzE");
    assertThat(trace).isEqualTo(TraceContext.NONE);
    assertThat(trace.traceId()).isEmpty();
  }

  @Test
  void aStateOfAnyLengthIsNotCarriedAlong() {
    assertThat(TraceContext.read(PARENT, "a=" + "b".repeat(511)).state()).isEmpty();
    assertThat(TraceContext.read(PARENT, "a=" + "b".repeat(510)).state()).hasSize(512);
  }

  @Test
  void noneIsMadeOfNonsense() {
    assertThatThrownBy(() -> new TraceContext("nonsense", "")).hasMessageContaining("nonsense");
  }
}
