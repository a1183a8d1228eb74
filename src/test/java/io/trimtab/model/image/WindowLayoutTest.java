package io.trimtab.model.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.model.ModelConfig;
import io.trimtab.model.RotaryFrequencies;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowLayoutTest {
  /** Windows of 2×2 groups, heads of 16. */
  private static final ModelConfig.QwenVision VISION = Fixtures.qwenVision(64, 4, 56);

  @Test
  void groupsAreTakenWindowByWindow() {
    WindowLayout layout = WindowLayout.of(4, 10, VISION, RotaryFrequencies.FLOAT32);
    assertThat(layout.groupOrder()).containsExactly(0, 1, 5, 6, 2, 3, 7, 8, 4, 9);
    assertThat(layout.windowSizes()).containsExactly(16, 16, 8);
    assertThat(layout.patchOrder()).startsWith(0, 1, 2, 3, 4, 5, 6, 7, 20, 21);
  }

  @ParameterizedTest
  @CsvSource({"2,2", "4,4", "2,20", "20,2", "6,10", "8,8", "10,14", "38,54"})
  void everyPatchIsInExactlyOneCellAndEveryOrderHasItsInverse(int height, int width) {
    WindowLayout layout = WindowLayout.of(height, width, VISION, RotaryFrequencies.FLOAT32);
    assertThat(layout.patches()).isEqualTo(height * width);
    assertThat(Arrays.stream(layout.windowSizes()).sum()).isEqualTo(height * width);
    assertThat(layout.windowSizes()).doesNotContain(0).contains(layout.windowLength());
    long[] sorted = layout.patchOrder().clone();
    Arrays.sort(sorted);
    for (int i = 0; i < sorted.length; i++) {
      assertThat(sorted[i]).isEqualTo(i);
    }
    for (int place = 0; place < layout.groupOrder().length; place++) {
      int group = (int) layout.groupOrder()[place];
      assertThat(layout.groupInverse()[group]).isEqualTo(place);
    }
    for (int row = 0; row < layout.patches(); row++) {
      int cell = (int) layout.cellOfRow()[row];
      assertThat(layout.rowOfWindow()[cell]).isEqualTo(row);
      assertThat(cell % layout.windowLength())
          .isLessThan(layout.windowSizes()[cell / layout.windowLength()]);
    }
    assertThat(Arrays.stream(layout.cellOfRow()).distinct().count()).isEqualTo(height * width);
  }

  @Test
  void paddingKeysAreMaskedForEveryQuery() {
    WindowLayout layout = WindowLayout.of(4, 10, VISION, RotaryFrequencies.FLOAT32);
    int length = layout.windowLength();
    assertThat(layout.windowBias()).hasSize(layout.windows() * length * length);
    for (int i = 0; i < layout.windowBias().length; i++) {
      boolean padding = i % length >= layout.windowSizes()[i / length / length];
      assertThat(layout.windowBias()[i]).isEqualTo(padding ? WindowLayout.MASKED : 0);
    }
  }

  @Test
  void rotaryAnglesAreRowsThenColumnsOfThePatch() {
    WindowLayout layout = WindowLayout.of(4, 10, VISION, RotaryFrequencies.FLOAT32);
    // Row 17 of window order is patch 1 of group 2: patch row 0, column 5; 4 frequencies an axis.
    double[] frequencies = {1, 0.1, 0.01, 0.001};
    for (int i = 0; i < 4; i++) {
      assertThat((double) layout.cos()[17 * 8 + i]).isEqualTo(1);
      double angle = 5 * frequencies[i];
      assertThat((double) layout.cos()[17 * 8 + 4 + i]).isCloseTo(Math.cos(angle), within(1e-6));
      assertThat((double) layout.sin()[17 * 8 + 4 + i]).isCloseTo(Math.sin(angle), within(1e-6));
    }
    // Row 10 is patch 2 of group 5: patch row 3, column 0.
    assertThat((double) layout.sin()[10 * 8]).isCloseTo(Math.sin(3), within(1e-6));
    assertThat((double) layout.sin()[10 * 8 + 4]).isZero();
  }

  @Test
  void aGridThatDoesNotMergeIsRefused() {
    assertThatThrownBy(() -> WindowLayout.of(4, 5, VISION, RotaryFrequencies.FLOAT32))
        .hasMessageContaining("4×5");
  }
}
