package io.trimtab.model.image;

/** The feature rows of a tiled picture's tokens, written one token after the other. */
final class PackedSources {
  private final AnyresGrid grid;
  private final int blend;
  private final int[] rows;
  private final float[] weights;
  private int next;

  PackedSources(AnyresGrid grid) {
    this.grid = grid;
    this.blend = AnyresPacking.isShrunk(grid) ? 4 : 1;
    this.rows = new int[grid.tokenCount() * blend];
    this.weights = new float[rows.length];
  }

  TokenSources read() {
    int newline = grid.tiles() * grid.featuresPerTile();
    for (int feature = 0; feature < grid.featuresPerTile(); feature++) {
      whole(feature);
    }
    for (int row = 0; row < grid.rows(); row++) {
      for (int column = 0; column < grid.columns(); column++) {
        if (blend == 1) {
          whole(AnyresPacking.feature(grid, row, column));
        } else {
          blended(row, column);
        }
      }
      whole(newline);
    }
    return new TokenSources(blend, rows, weights);
  }

  private void whole(int source) {
    add(source, 1);
    next += blend - 1;
  }

  private void blended(int row, int column) {
    AnyresPacking.Neighbours upDown =
        AnyresPacking.Neighbours.of(row, grid.unpaddedRows(), grid.rows());
    AnyresPacking.Neighbours leftRight =
        AnyresPacking.Neighbours.of(column, grid.unpaddedColumns(), grid.columns());
    float lower = upDown.weight();
    float right = leftRight.weight();
    add(AnyresPacking.feature(grid, upDown.first(), leftRight.first()), (1 - lower) * (1 - right));
    add(AnyresPacking.feature(grid, upDown.first(), leftRight.second()), (1 - lower) * right);
    add(AnyresPacking.feature(grid, upDown.second(), leftRight.first()), lower * (1 - right));
    add(AnyresPacking.feature(grid, upDown.second(), leftRight.second()), lower * right);
  }

  private void add(int source, float weight) {
    rows[next] = source;
    weights[next] = weight;
    next++;
  }
}
