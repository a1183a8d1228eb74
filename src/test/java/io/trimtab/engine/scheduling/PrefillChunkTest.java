package io.trimtab.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.engine.sampling.LogitsRow;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrefillChunkTest {
  @Test
  void aPromptWithinTheBudgetRunsAtOnceAndItsLastRowIsWanted() {
    Sequence sequence = sequence(10, 9, 10);
    assertThat(PrefillChunk.of(sequence, 10, 64)).isEqualTo(new PrefillChunk(0, 10, 9, 1));
  }

  @Test
  void aLongerPromptIsTakenInPiecesAndOnlyTheLastHasARow() {
    Sequence sequence = sequence(10, 9, 10);
    PrefillChunk first = PrefillChunk.of(sequence, 6, 64);
    assertThat(first).isEqualTo(new PrefillChunk(0, 6, 9, 0));
    assertThat(first.ends(10)).isFalse();
    assertThat(first.ends(6)).isTrue();
    sequence.advance(first.tokens());
    PrefillChunk second = PrefillChunk.of(sequence, 6, 64);
    assertThat(second).isEqualTo(new PrefillChunk(6, 4, 3, 1));
    assertThat(second.ends(10)).isTrue();
    assertThat(second.ends(6)).isFalse();
  }

  @Test
  void whatIsScoredRunsNoFurtherThanItsRowsHaveRoom() {
    Sequence sequence = sequence(20, 4, 20);
    assertThat(PrefillChunk.of(sequence, 20, 8)).isEqualTo(new PrefillChunk(0, 12, 4, 8));
    sequence.advance(12);
    assertThat(PrefillChunk.of(sequence, 20, 8)).isEqualTo(new PrefillChunk(12, 8, 0, 8));
  }

  /** Whatever the bounds, every token runs once and every wanted position has one row. */
  @Test
  void chunksCoverTheSequenceAndRowsWhatIsWanted() {
    long seed = 20261129;
    Random random = new Random(seed);
    for (int trial = 0; trial < 2000; trial++) {
      int length = 1 + random.nextInt(60);
      int first = random.nextInt(length);
      int end = first + random.nextInt(length - first + 1);
      int budget = 1 + random.nextInt(70);
      int rowsMax = 1 + random.nextInt(20);
      Sequence sequence = sequence(length, first, end);
      List<Integer> wanted = new ArrayList<>();
      while (sequence.pending() > 0) {
        PrefillChunk chunk = PrefillChunk.of(sequence, budget, rowsMax);
        assertThat(chunk.from()).isEqualTo(sequence.cached());
        assertThat(chunk.tokens()).isBetween(1, Math.min(budget, sequence.pending()));
        assertThat(chunk.rows()).isBetween(0, rowsMax);
        for (int row = 0; row < chunk.rows(); row++) {
          int position = chunk.from() + chunk.firstRow() + row;
          assertThat(position).isLessThan(chunk.end());
          wanted.add(position);
        }
        sequence.advance(chunk.tokens());
      }
      assertThat(wanted)
          .as("trial %d, seed %d", trial, seed)
          .isEqualTo(IntStream.range(first, end).boxed().toList());
    }
  }

  private static Sequence sequence(int length, int first, int end) {
    Task task = new Wanting(first, end);
    int[] tokens = Sequences.prompt(length, 1);
    return Sequences.of(Sequences.ticket("r", "t"), task, tokens, length, length);
  }

  /** Nobody runs it. */
  private record Wanting(int firstLogitsPosition, int endLogitsPosition) implements Task {
    @Override
    public LogitsRow.Coverage needs() {
      return LogitsRow.Coverage.BEST;
    }

    @Override
    public void admitted(int cachedPromptTokens) {}

    @Override
    public Outcome accept(Sequence sequence, LogitsRow row) {
      return Outcome.CONTINUES;
    }

    @Override
    public void stopped(TrimtabException reason) {}
  }
}
