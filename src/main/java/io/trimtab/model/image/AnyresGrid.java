package io.trimtab.model.image;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.ModelConfig.GridSize;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/**
 * LLaVA-NeXT's and LLaVA-OneVision's arithmetic from a picture's size to its tokens: which grid of
 * tiles, what of the stitched grid of features is picture and not padding, and to what it is
 * shrunk. Pure; agrees with transformers' {@code _get_number_of_features} (processor) and {@code
 * pack_image_features} with {@code unpad_image} (model), down to the rounding.
 *
 * @param tileRows tiles from top to bottom
 * @param tileColumns tiles from left to right
 * @param side patches along a tile's side
 * @param top rows of padding above the picture, in the stitched grid of {@code tileRows * side}
 *     rows
 * @param left columns of padding left of it
 * @param unpaddedRows rows without padding; 0 for a picture so wide that nothing is left of it
 * @param unpaddedColumns columns without padding; 0 likewise
 * @param rows rows after shrinking; equal to unpaddedRows where nothing is shrunk
 * @param columns columns after shrinking
 */
public record AnyresGrid(
    int tileRows,
    int tileColumns,
    int side,
    int top,
    int left,
    int unpaddedRows,
    int unpaddedColumns,
    int rows,
    int columns) {

  /** Grids up to this many times over their bound (in side length) are left as they are. */
  private static final double SHRINK_ABOVE = 1.1;

  /** The grid for an original picture of {@code height} by {@code width} pixels. */
  public static AnyresGrid of(int height, int width, ModelConfig.LlavaAnyres config) {
    return of(
        height,
        width,
        bestResolution(height, width, config.gridPinpoints()),
        config.vision().imageSize(),
        config.vision().patchesPerSide(),
        config.maxTiles());
  }

  /**
   * The grid for a picture that is fitted into {@code resolution}.
   *
   * @param tileSize pixels along a tile's side
   * @param side patches along a tile's side
   * @param maxTiles N of {@code anyres_max_N}
   */
  static AnyresGrid of(
      int height, int width, GridSize resolution, int tileSize, int side, int maxTiles) {
    int tileRows = resolution.height() / tileSize;
    int tileColumns = resolution.width() / tileSize;
    int rows = tileRows * side;
    int columns = tileColumns * side;
    int top = 0;
    int left = 0;
    if ((double) width / height > (double) columns / rows) {
      top = (rows - scaled(height, (double) columns / width)) / 2;
    } else {
      left = (columns - scaled(width, (double) rows / height)) / 2;
    }
    rows -= 2 * top;
    columns -= 2 * left;
    double ratio = Math.sqrt((double) rows * columns / ((double) maxTiles * side * side));
    int shrunkRows = ratio > SHRINK_ABOVE ? floorDivide(rows, ratio) : rows;
    int shrunkColumns = ratio > SHRINK_ABOVE ? floorDivide(columns, ratio) : columns;
    if (ratio > SHRINK_ABOVE && (shrunkRows < 1 || shrunkColumns < 1)) {
      throw TrimtabException.invalid(
          "A picture of %d×%d pixels is too thin: its %d×%d features shrink to %d×%d"
              .formatted(width, height, columns, rows, shrunkColumns, shrunkRows));
    }
    return new AnyresGrid(
        tileRows, tileColumns, side, top, left, rows, columns, shrunkRows, shrunkColumns);
  }

  /**
   * The candidate that keeps most of the picture's pixels and, among those, wastes least; the
   * earlier of equals. As transformers' {@code select_best_resolution}.
   */
  static GridSize bestResolution(int height, int width, List<GridSize> candidates) {
    GridSize best = candidates.getFirst();
    long mostKept = 0;
    long leastWasted = Long.MAX_VALUE;
    for (GridSize candidate : candidates) {
      double scale =
          Math.min((double) candidate.width() / width, (double) candidate.height() / height);
      long scaledPixels = (long) (int) (width * scale) * (int) (height * scale);
      long kept = Math.min(scaledPixels, (long) width * height);
      long wasted = (long) candidate.width() * candidate.height() - kept;
      if (kept > mostKept || (kept == mostKept && wasted < leastWasted)) {
        mostKept = kept;
        leastWasted = wasted;
        best = candidate;
      }
    }
    return best;
  }

  /** The whole and the tiles of the grid. */
  public int tiles() {
    return 1 + tileRows * tileColumns;
  }

  /** Features of one tile. */
  public int featuresPerTile() {
    return side * side;
  }

  /** The whole's features, and each row of the grid with a newline after it. */
  public int tokenCount() {
    return featuresPerTile() + rows * (columns + 1);
  }

  /** Python's {@code int(round(size * scale, 7))}: decimal places, ties to even, then truncated. */
  private static int scaled(int size, double scale) {
    return new BigDecimal(size * scale).setScale(7, RoundingMode.HALF_EVEN).intValue();
  }

  /** Python's {@code int(a // b)} on floats, which may differ from the floor of the quotient. */
  private static int floorDivide(int dividend, double divisor) {
    return (int) Math.rint((dividend - dividend % divisor) / divisor);
  }
}
