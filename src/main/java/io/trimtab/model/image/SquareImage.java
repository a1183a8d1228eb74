package io.trimtab.model.image;

/**
 * One square of a picture, as LLaVA-1.5 sees it.
 *
 * @param pixels {@code [3, side, side]}
 * @param side pixels along the square's side
 * @param tokenCount rows of features that the tower makes of it
 */
public record SquareImage(float[] pixels, int side, int tokenCount) implements PreparedImage {
  public SquareImage {
    if (pixels.length != 3L * side * side) {
      throw new IllegalArgumentException(
          "A square of %d pixels a side does not make %d floats".formatted(side, pixels.length));
    }
  }
}
