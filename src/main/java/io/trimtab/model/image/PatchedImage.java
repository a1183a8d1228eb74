package io.trimtab.model.image;

/**
 * Qwen2.5-VL's picture: one row per patch, in the order of the merger: groups of {@code mergeSize}²
 * neighbouring patches, groups row by row, patches within a group row by row.
 *
 * @param pixels {@code [gridHeight * gridWidth, patchWidth]}
 * @param gridHeight patches from top to bottom; a multiple of mergeSize
 * @param gridWidth patches from left to right; a multiple of mergeSize
 * @param patchWidth floats of one patch: channel, frame, row, column, from outer to inner
 * @param mergeSize patches along the side of a group that becomes one token
 */
public record PatchedImage(
    float[] pixels, int gridHeight, int gridWidth, int patchWidth, int mergeSize)
    implements PreparedImage {
  public PatchedImage {
    if (gridHeight % mergeSize != 0
        || gridWidth % mergeSize != 0
        || pixels.length != (long) gridHeight * gridWidth * patchWidth) {
      throw new IllegalArgumentException(
          "%d×%d patches of %d floats, merged by %d, do not make %d floats"
              .formatted(gridHeight, gridWidth, patchWidth, mergeSize, pixels.length));
    }
  }

  /** Rows of {@link #pixels()}. */
  public int patches() {
    return gridHeight * gridWidth;
  }

  @Override
  public int tokenCount() {
    return patches() / (mergeSize * mergeSize);
  }
}
