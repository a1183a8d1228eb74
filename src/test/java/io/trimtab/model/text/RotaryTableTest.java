package io.trimtab.model.text;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.model.RotaryFrequencies;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class RotaryTableTest {
  // Rounding of the frequency and of the angle to float32, times a position of at most 600.
  private static final Offset<Float> ROUNDING = within(1e-4f);

  @Test
  void aRowHoldsCosinesAndSinesOfPositionTimesFrequency() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment cos = arena.allocate(3 * 4 * Float.BYTES, 4);
      MemorySegment sin = arena.allocate(3 * 4 * Float.BYTES, 4);
      new RotaryTable(8, 10_000, List.of(), 1024, RotaryFrequencies.FLOAT32)
          .copyRow(600, cos, sin, 1);
      for (int i = 0; i < 4; i++) {
        double angle = 600 * Math.pow(10_000, -2.0 * i / 8);
        assertThat(cos.getAtIndex(JAVA_FLOAT, 4 + i)).isCloseTo((float) Math.cos(angle), ROUNDING);
        assertThat(sin.getAtIndex(JAVA_FLOAT, 4 + i)).isCloseTo((float) Math.sin(angle), ROUNDING);
        assertThat(cos.getAtIndex(JAVA_FLOAT, i)).isZero();
        assertThat(cos.getAtIndex(JAVA_FLOAT, 8 + i)).isZero();
      }
    }
  }

  @Test
  void eachSectionOfAPicturesRowFollowsItsOwnAxis() {
    RopePositions positions =
        RopePositions.gridded(
            8, List.of(new Prompt.ImageSpan(1, 6, 0)), List.of(new GridShape(2, 3)));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment cos = arena.allocate(8 * 8 * Float.BYTES, 4);
      MemorySegment sin = arena.allocate(8 * 8 * Float.BYTES, 4);
      RotaryTable table =
          new RotaryTable(16, 1_000_000, List.of(2, 3, 3), 1024, RotaryFrequencies.FLOAT32);
      table.fill(positions, 0, 8, cos, sin, 0);
      int[] axisOf = {0, 0, 1, 1, 1, 2, 2, 2};
      for (int token = 0; token < 8; token++) {
        for (int i = 0; i < 8; i++) {
          int position = positions.at(RopePositions.Axis.values()[axisOf[i]], token);
          double angle = position * Math.pow(1_000_000, -2.0 * i / 16);
          assertThat(cos.getAtIndex(JAVA_FLOAT, token * 8L + i))
              .isCloseTo((float) Math.cos(angle), ROUNDING);
          assertThat(sin.getAtIndex(JAVA_FLOAT, token * 8L + i))
              .isCloseTo((float) Math.sin(angle), ROUNDING);
        }
      }
    }
  }

  @Test
  void aPositionBeyondTheModelsIsRefused() {
    RotaryTable table = new RotaryTable(8, 10_000, List.of(), 300, RotaryFrequencies.FLOAT32);
    MemorySegment row = MemorySegment.ofArray(new float[4]);
    table.copyRow(299, row, row, 0);
    assertThatThrownBy(() -> table.copyRow(300, row, row, 0))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("Position 300 of a table of 300");
  }
}
