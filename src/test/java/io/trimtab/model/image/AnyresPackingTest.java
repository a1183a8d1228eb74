package io.trimtab.model.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.model.ModelConfig.GridSize;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnyresPackingTest {
  private static final int HIDDEN = 3;
  private static final float[] NEWLINE = {-1, -2, -3};

  @Test
  void theWholeComesFirstThenRowsAcrossTilesEachWithANewline() {
    AnyresGrid grid = new AnyresGrid(1, 2, 2, 0, 0, 2, 4, 2, 4);
    float[] packed = pack(grid);
    assertThat(places(packed))
        .containsExactly(
            0, 1, 2, 3, // the whole
            4, 5, 8, 9, -1, // upper rows of the two tiles
            6, 7, 10, 11, -1);
  }

  @Test
  void paddingIsLeftOut() {
    AnyresGrid grid = new AnyresGrid(2, 1, 2, 1, 0, 2, 2, 2, 2);
    assertThat(places(pack(grid))).containsExactly(0, 1, 2, 3, 6, 7, -1, 8, 9, -1);
  }

  @Test
  void shrinkingIsBilinearBetweenPixelCentres() {
    AnyresGrid grid = AnyresGrid.of(90, 100, new GridSize(120, 120), 40, 4, 2);
    assertThat(grid.rows()).isLessThan(grid.unpaddedRows());
    float[] packed = pack(grid);
    int stride = grid.columns() + 1;
    for (int row = 0; row < grid.rows(); row++) {
      for (int column = 0; column < grid.columns(); column++) {
        double y = (row + 0.5) * grid.unpaddedRows() / grid.rows() - 0.5;
        double x = (column + 0.5) * grid.unpaddedColumns() / grid.columns() - 0.5;
        int token = 16 + row * stride + column;
        // Features are numbered by place, so neighbouring tiles are not linear: blend by hand.
        assertThat((double) packed[token * HIDDEN]).isCloseTo(blend(grid, y, x), within(1e-3));
      }
      assertThat(packed[(16 + row * stride + grid.columns()) * HIDDEN]).isEqualTo(-1);
    }
  }

  @Test
  void theSourcesOfTheTokensGiveWhatPackingGives() {
    for (AnyresGrid grid :
        List.of(
            new AnyresGrid(1, 2, 2, 0, 0, 2, 4, 2, 4),
            new AnyresGrid(2, 1, 2, 1, 0, 2, 2, 2, 2),
            AnyresGrid.of(90, 100, new GridSize(120, 120), 40, 4, 2))) {
      TokenSources sources = TokenSources.packed(grid);
      float[] packed = pack(grid);
      int newline = grid.tiles() * grid.featuresPerTile();
      for (int token = 0; token < grid.tokenCount(); token++) {
        for (int h = 0; h < HIDDEN; h++) {
          float sum = 0;
          for (int k = token * sources.blend(); k < (token + 1) * sources.blend(); k++) {
            int row = sources.rows()[k];
            sum += sources.weights()[k] * (row == newline ? NEWLINE[h] : row + 0.25f * h);
          }
          assertThat(sum)
              .as("%s, token %d", grid, token)
              .isCloseTo(packed[token * HIDDEN + h], within(1e-4f));
        }
      }
    }
  }

  @Test
  void wrongSizesAreNamed() {
    AnyresGrid grid = new AnyresGrid(1, 1, 2, 0, 0, 2, 2, 2, 2);
    MemorySegment features = MemorySegment.ofArray(new float[2 * 4 * HIDDEN]);
    MemorySegment output = MemorySegment.ofArray(new float[HIDDEN]);
    assertThatThrownBy(() -> AnyresPacking.pack(grid, features, NEWLINE, output))
        .hasMessage("Expected 120 bytes of output, got 12");
  }

  /** Packs features whose first element is their own index among all tiles' features. */
  private static float[] pack(AnyresGrid grid) {
    int features = grid.tiles() * grid.featuresPerTile();
    float[] values = new float[features * HIDDEN];
    for (int i = 0; i < values.length; i++) {
      values[i] = i / HIDDEN + 0.25f * (i % HIDDEN);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment output = arena.allocate(4L * grid.tokenCount() * HIDDEN);
      AnyresPacking.pack(grid, arena.allocateFrom(ValueLayout.JAVA_FLOAT, values), NEWLINE, output);
      return output.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  private static int[] places(float[] packed) {
    int[] places = new int[packed.length / HIDDEN];
    Arrays.setAll(places, i -> (int) packed[i * HIDDEN]);
    return places;
  }

  private static double blend(AnyresGrid grid, double y, double x) {
    double sum = 0;
    for (int row = 0; row < grid.unpaddedRows(); row++) {
      for (int column = 0; column < grid.unpaddedColumns(); column++) {
        double weight = tent(y, row, grid.unpaddedRows()) * tent(x, column, grid.unpaddedColumns());
        sum += weight * place(grid, row + grid.top(), column + grid.left());
      }
    }
    return sum;
  }

  private static double tent(double at, int index, int size) {
    return Math.max(0, 1 - Math.abs(Math.clamp(at, 0, size - 1) - index));
  }

  private static int place(AnyresGrid grid, int row, int column) {
    int tile = 1 + row / grid.side() * grid.tileColumns() + column / grid.side();
    return (tile * grid.side() + row % grid.side()) * grid.side() + column % grid.side();
  }
}
