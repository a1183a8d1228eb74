package io.trimtab.model.image;

/**
 * LLaVA-NeXT's and LLaVA-OneVision's picture: the whole, resized to one tile, then the tiles of its
 * grid, row by row.
 *
 * @param pixels {@code [tiles, 3, tileSize, tileSize]}
 * @param tiles the whole and the grid's tiles
 * @param tileSize pixels along a tile's side
 * @param height of the original picture, in pixels
 * @param width of the original picture, in pixels
 * @param grid where the tiles' features go in the prompt
 */
public record TiledImage(
    float[] pixels, int tiles, int tileSize, int height, int width, AnyresGrid grid)
    implements PreparedImage {
  public TiledImage {
    if (tiles != grid.tiles() || pixels.length != 3L * tiles * tileSize * tileSize) {
      throw new IllegalArgumentException(
          "%d tiles of %d pixels a side and a grid of %d do not make %d floats"
              .formatted(tiles, tileSize, grid.tiles(), pixels.length));
    }
  }

  /** Base tile, rows of the grid, and a newline token after each row. */
  @Override
  public int tokenCount() {
    return grid.tokenCount();
  }
}
