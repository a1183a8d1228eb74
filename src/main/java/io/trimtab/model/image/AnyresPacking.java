package io.trimtab.model.image;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Lays the projected features of a picture's tiles out as the prompt's embeddings: the whole first,
 * then the stitched grid without its padding, shrunk where it is too large, a newline after each
 * row. As transformers' {@code pack_image_features}.
 */
public final class AnyresPacking {
  private final AnyresGrid grid;
  private final MemorySegment features;
  private final MemorySegment output;
  private final int hidden;

  private AnyresPacking(AnyresGrid grid, MemorySegment features, MemorySegment output, int hidden) {
    this.grid = grid;
    this.features = features;
    this.output = output;
    this.hidden = hidden;
  }

  /**
   * Packs one picture.
   *
   * @param features float32 {@code [tiles, side * side, hidden]}
   * @param newline float32 {@code [hidden]}, the model's {@code image_newline}
   * @param output float32 {@code [tokenCount, hidden]}, written in full
   */
  public static void pack(
      AnyresGrid grid, MemorySegment features, float[] newline, MemorySegment output) {
    int hidden = newline.length;
    require("features", 4L * grid.tiles() * grid.featuresPerTile() * hidden, features);
    require("output", 4L * grid.tokenCount() * hidden, output);
    new AnyresPacking(grid, features, output, hidden).pack(MemorySegment.ofArray(newline));
  }

  private static void require(String what, long bytes, MemorySegment segment) {
    if (segment.byteSize() != bytes) {
      throw new IllegalArgumentException(
          "Expected %d bytes of %s, got %d".formatted(bytes, what, segment.byteSize()));
    }
  }

  private void pack(MemorySegment newline) {
    long rowBytes = 4L * hidden;
    long out = grid.featuresPerTile() * rowBytes;
    MemorySegment.copy(features, 0, output, 0, out);
    for (int row = 0; row < grid.rows(); row++) {
      if (isShrunk(grid)) {
        out = blendRow(row, out);
      } else {
        for (int column = 0; column < grid.columns(); column++, out += rowBytes) {
          MemorySegment.copy(features, feature(row, column), output, out, rowBytes);
        }
      }
      MemorySegment.copy(newline, 0, output, out, rowBytes);
      out += rowBytes;
    }
  }

  static boolean isShrunk(AnyresGrid grid) {
    return grid.rows() != grid.unpaddedRows() || grid.columns() != grid.unpaddedColumns();
  }

  /** torch's {@code interpolate(mode="bilinear", align_corners=False)}, without antialiasing. */
  private long blendRow(int row, long start) {
    Neighbours rows = Neighbours.of(row, grid.unpaddedRows(), grid.rows());
    long out = start;
    for (int column = 0; column < grid.columns(); column++) {
      Neighbours columns = Neighbours.of(column, grid.unpaddedColumns(), grid.columns());
      long upperLeft = feature(rows.first, columns.first);
      long upperRight = feature(rows.first, columns.second);
      long lowerLeft = feature(rows.second, columns.first);
      long lowerRight = feature(rows.second, columns.second);
      for (int h = 0; h < hidden; h++, out += 4) {
        float upper = columns.blend(at(upperLeft, h), at(upperRight, h));
        float lower = columns.blend(at(lowerLeft, h), at(lowerRight, h));
        output.set(JAVA_FLOAT_UNALIGNED, out, rows.blend(upper, lower));
      }
    }
    return out;
  }

  private float at(long feature, int h) {
    return features.get(JAVA_FLOAT_UNALIGNED, feature + 4L * h);
  }

  /** Byte offset of a feature by its place in the unpadded grid. */
  private long feature(int unpaddedRow, int unpaddedColumn) {
    return feature(grid, unpaddedRow, unpaddedColumn) * 4L * hidden;
  }

  /** Row of a feature, all tiles counted through, by its place in the unpadded grid. */
  static int feature(AnyresGrid grid, int unpaddedRow, int unpaddedColumn) {
    int row = grid.top() + unpaddedRow;
    int column = grid.left() + unpaddedColumn;
    int side = grid.side();
    int tile = 1 + row / side * grid.tileColumns() + column / side;
    return tile * side * side + row % side * side + column % side;
  }

  /** The two source indexes of a target index, and the second one's weight. */
  record Neighbours(int first, int second, float weight) {
    static Neighbours of(int target, int sourceSize, int targetSize) {
      float scale = (float) sourceSize / targetSize;
      float at = Math.max(scale * (target + 0.5f) - 0.5f, 0);
      int first = Math.min((int) at, sourceSize - 1);
      return new Neighbours(
          first, Math.min(first + 1, sourceSize - 1), Math.clamp(at - first, 0f, 1f));
    }

    float blend(float left, float right) {
      return (1 - weight) * left + weight * right;
    }
  }
}
