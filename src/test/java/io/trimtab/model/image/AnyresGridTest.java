package io.trimtab.model.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.model.ModelConfig;
import io.trimtab.model.ModelConfig.GridSize;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnyresGridTest {
  /** Geometry of llava-onevision-qwen2-0.5b-ov: 384 pixels, 27 patches a side, up to 6×6 tiles. */
  private static final ModelConfig.LlavaOnevision PUBLISHED = published();

  @Test
  void aSquareOfOneTileIsTheWholeAndOneTile() {
    AnyresGrid grid = AnyresGrid.of(384, 384, PUBLISHED);
    assertThat(grid).isEqualTo(new AnyresGrid(1, 1, 27, 0, 0, 27, 27, 27, 27));
    assertThat(grid.tokenCount()).isEqualTo(729 + 27 * 28);
  }

  @Test
  void paddingIsCutFromBothSides() {
    // 640×480 fits 768×768 as 768×576: 54 columns, int(480 * 54 / 640) = 40 rows, 7 cut each side.
    AnyresGrid grid = AnyresGrid.of(480, 640, PUBLISHED);
    assertThat(grid).isEqualTo(new AnyresGrid(2, 2, 27, 7, 0, 40, 54, 40, 54));
    assertThat(grid.tokenCount()).isEqualTo(729 + 40 * 55);
  }

  @Test
  void largePicturesAreShrunkToTheirBound() {
    // 6×6 tiles: 162 × 162 features against a bound of 9 tiles: ratio 2, so 81 × 81.
    AnyresGrid grid = AnyresGrid.of(2304, 2304, PUBLISHED);
    assertThat(grid).isEqualTo(new AnyresGrid(6, 6, 27, 0, 0, 162, 162, 81, 81));
    assertThat(grid.tokenCount()).isEqualTo(729 + 81 * 82);
  }

  @Test
  void nothingIsShrunkUpToATenthOverTheBound() {
    // 10 × 10 features, one a tile: bounds of 81 (ratio 1.11) and 83 (ratio 1.0976).
    AnyresGrid over = AnyresGrid.of(100, 100, new GridSize(200, 200), 20, 1, 81);
    // 10 // 1.1111111111111112 is 8 in Python, although the quotient rounds to 9.
    assertThat(over.rows()).isEqualTo(8);
    AnyresGrid under = AnyresGrid.of(100, 100, new GridSize(200, 200), 20, 1, 83);
    assertThat(under.rows()).isEqualTo(10);
  }

  @Test
  void aLineHasNoFeaturesLeftButItsWhole() {
    ModelConfig.LlavaOnevision reference = Fixtures.onevision();
    AnyresGrid wide = AnyresGrid.of(1, 10_000, reference);
    assertThat(wide.rows()).isZero();
    assertThat(wide.tokenCount()).isEqualTo(16);
    AnyresGrid tall = AnyresGrid.of(10_000, 1, reference);
    assertThat(tall.columns()).isZero();
    assertThat(tall.tokenCount()).isEqualTo(16 + tall.rows());
  }

  @Test
  void everySizeKeepsThePictureWithinItsGridAndItsBound() {
    for (int height = 1; height < 3000; height += 97) {
      for (int width = 1; width < 3000; width += 89) {
        AnyresGrid grid = AnyresGrid.of(height, width, PUBLISHED);
        assertThat(2 * grid.top() + grid.unpaddedRows()).isEqualTo(27 * grid.tileRows());
        assertThat(2 * grid.left() + grid.unpaddedColumns()).isEqualTo(27 * grid.tileColumns());
        assertThat(grid.rows()).isBetween(0, grid.unpaddedRows());
        assertThat(grid.rows() * grid.columns()).isLessThanOrEqualTo((int) (1.21 * 9 * 729) + 1);
      }
    }
  }

  @Test
  void theResolutionKeepsMostPixelsThenWastesLeast() {
    List<GridSize> candidates =
        List.of(new GridSize(56, 56), new GridSize(56, 112), new GridSize(112, 112));
    assertThat(AnyresGrid.bestResolution(50, 100, candidates)).isEqualTo(new GridSize(56, 112));
    assertThat(AnyresGrid.bestResolution(100, 100, candidates)).isEqualTo(new GridSize(112, 112));
    assertThat(AnyresGrid.bestResolution(10, 10, candidates)).isEqualTo(new GridSize(56, 56));
    assertThat(AnyresGrid.bestResolution(1, 10_000, candidates)).isEqualTo(new GridSize(56, 56));
  }

  private static ModelConfig.LlavaOnevision published() {
    List<GridSize> pinpoints = new ArrayList<>();
    for (int rows = 1; rows <= 6; rows++) {
      for (int columns = 1; columns <= 6; columns++) {
        pinpoints.add(new GridSize(384 * rows, 384 * columns));
      }
    }
    return Fixtures.onevision(pinpoints, 384, 14, 9);
  }
}
