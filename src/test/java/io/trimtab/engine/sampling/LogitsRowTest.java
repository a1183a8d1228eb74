package io.trimtab.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogitsRowTest {
  private static final float[] FIRST = {1, 3, 2};
  private static final float[] SECOND = {0, 0, 5};

  @Test
  void movesFromRowToRow() {
    LogitsRow row = Rows.full(FIRST, SECOND);
    assertThat(row.at(1).bestId(0)).isEqualTo(2);
    assertThat(row.bestId(1)).isEqualTo(0);
    assertThat(row.bestLogit(0)).isEqualTo(5);
    assertThat(row.logit(1)).isEqualTo(0);
    assertThat(row.at(0).bestId(0)).isEqualTo(1);
    assertThat(row.logit(2)).isEqualTo(2);
    assertThatThrownBy(() -> row.at(2)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void logprobsAreThoseOfTheModelAndSumToOne() {
    LogitsRow row = Rows.full(FIRST);
    double sum = IntStream.range(0, 3).mapToDouble(id -> Math.exp(row.logprob(id))).sum();
    // float32 logsumexp: a few units in the seventh place.
    assertThat(sum).isCloseTo(1, within(1e-6));
    assertThat(row.bestId(0)).isEqualTo(1);
    assertThat(row.bestLogprob(0)).isEqualTo(row.logprob(1));
    assertThat(row.bestId(1)).isEqualTo(2);
    assertThat(row.bestLogprob(1)).isEqualTo(row.logprob(2));
    assertThat(row.bests()).isEqualTo(3);
  }

  @Test
  void aCertainTokenHasAtMostZero() {
    Arena arena = Arena.ofAuto();
    MemorySegment ids = arena.allocate(Long.BYTES);
    MemorySegment logits = arena.allocateFrom(java.lang.foreign.ValueLayout.JAVA_FLOAT, 10.000001f);
    MemorySegment below = arena.allocateFrom(java.lang.foreign.ValueLayout.JAVA_FLOAT, 10);
    assertThat(LogitsRow.best(ids, logits, below, 1).logprob(0)).isZero();
  }

  @Test
  void aTokenThatIsNotCoveredIsABrokenInvariant() {
    float[] wide = new float[100];
    assertThat(Rows.best(wide).logit(63)).isZero();
    assertThatThrownBy(() -> Rows.best(wide).logit(64))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Token 64 is not among the 64 best and the coverage is BEST");
    assertThat(Rows.full(wide).logit(64)).isZero();
  }

  @Test
  void memoryThatIsTooSmallIsRefused() {
    Arena arena = Arena.ofAuto();
    MemorySegment oneRow = arena.allocate(Float.BYTES);
    assertThatThrownBy(() -> LogitsRow.best(arena.allocate(8), arena.allocate(8), oneRow, 2))
        .hasMessage("The best ids hold 8 bytes, expected 16");
  }
}
