package io.trimtab.model.image;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.ModelConfig.GridSize;
import java.util.List;

/**
 * LLaVA-NeXT's and LLaVA-OneVision's preprocessing: the picture is fitted into the best candidate
 * resolution, padded with black on both sides and cut into tiles; before them comes the whole,
 * squeezed into one tile. Every picture of a prompt is treated so, as transformers does with a flat
 * list of pictures.
 *
 * <p>Unlike transformers, which takes an array of 1 or 3 rows for channels, this reads such
 * pictures as what they are.
 */
final class AnyresPreprocessor implements ImagePreprocessor {
  private final ModelConfig.LlavaAnyres model;
  private final Filter filter;
  private final float[][] tables;

  private AnyresPreprocessor(ModelConfig.LlavaAnyres model, Filter filter, PixelScale scale) {
    this.model = model;
    this.filter = filter;
    this.tables = scale.tables();
  }

  static AnyresPreprocessor of(ModelConfig.LlavaAnyres model, PreprocessorConfig config) {
    if (!(config.geometry() instanceof PreprocessorConfig.Tiles tiles)) {
      throw TrimtabException.invalid(
          "Expected a %s for this model, got %s".formatted(processor(model), config.geometry()));
    }
    int tileSize = model.vision().imageSize();
    if (tiles.tileSize() != tileSize) {
      throw TrimtabException.invalid(
          "The vision tower takes %d pixels a side, the preprocessor makes %d"
              .formatted(tileSize, tiles.tileSize()));
    }
    List<GridSize> pinpoints = model.gridPinpoints();
    if (!tiles.gridPinpoints().isEmpty() && !tiles.gridPinpoints().equals(pinpoints)) {
      throw TrimtabException.invalid(
          "image_grid_pinpoints of config.json and of the preprocessor differ: %s and %s"
              .formatted(pinpoints, tiles.gridPinpoints()));
    }
    if (pinpoints.isEmpty()
        || pinpoints.stream().anyMatch(p -> p.height() % tileSize + p.width() % tileSize != 0)) {
      throw TrimtabException.invalid(
          "Expected image_grid_pinpoints as multiples of %d, got %s"
              .formatted(tileSize, pinpoints));
    }
    if (model instanceof ModelConfig.LlavaOnevision onevision) {
      requireRatio(onevision.visionAspectRatio(), config.visionAspectRatio());
    }
    return new AnyresPreprocessor(model, config.resample(), config.scale());
  }

  private static String processor(ModelConfig.LlavaAnyres model) {
    return switch (model) {
      case ModelConfig.LlavaOnevision _ -> "LlavaOnevisionImageProcessor";
      case ModelConfig.LlavaNext _ -> "LlavaNextImageProcessor";
    };
  }

  private static void requireRatio(String ofModel, String ofProcessor) {
    if (!ofProcessor.isEmpty() && !ofProcessor.equals(ofModel)) {
      throw TrimtabException.invalid(
          "vision_aspect_ratio of config.json and of processor_config.json differ: %s and %s"
              .formatted(ofModel, ofProcessor));
    }
  }

  @Override
  public TiledImage prepare(RgbImage image) {
    int tileSize = model.vision().imageSize();
    AnyresGrid grid = AnyresGrid.of(image.height(), image.width(), model);
    GridSize resolution =
        AnyresGrid.bestResolution(image.height(), image.width(), model.gridPinpoints());
    float[] pixels = new float[Math.multiplyExact(3 * tileSize * tileSize, grid.tiles())];
    writeTile(PillowResize.resize(image, tileSize, tileSize, filter), 0, 0, pixels, 0);
    RgbImage padded = pad(fit(image, resolution), resolution);
    int tile = 1;
    for (int row = 0; row < grid.tileRows(); row++) {
      for (int column = 0; column < grid.tileColumns(); column++) {
        writeTile(padded, row * tileSize, column * tileSize, pixels, tile++);
      }
    }
    return new TiledImage(pixels, grid.tiles(), tileSize, image.height(), image.width(), grid);
  }

  /** As large as the resolution allows, in the picture's own proportions, rounded up. */
  private RgbImage fit(RgbImage image, GridSize resolution) {
    double wide = (double) resolution.width() / image.width();
    double high = (double) resolution.height() / image.height();
    int width = resolution.width();
    int height = resolution.height();
    if (wide < high) {
      height = Math.min((int) Math.ceil(image.height() * wide), height);
    } else {
      width = Math.min((int) Math.ceil(image.width() * high), width);
    }
    return PillowResize.resize(image, width, height, filter);
  }

  private static RgbImage pad(RgbImage image, GridSize resolution) {
    int left = (resolution.width() - image.width()) / 2;
    int top = (resolution.height() - image.height()) / 2;
    byte[] canvas = new byte[3 * resolution.width() * resolution.height()];
    int stride = 3 * image.width();
    for (int y = 0; y < image.height(); y++) {
      int to = 3 * ((top + y) * resolution.width() + left);
      System.arraycopy(image.rgb(), y * stride, canvas, to, stride);
    }
    return new RgbImage(resolution.width(), resolution.height(), canvas);
  }

  /** Writes the tile at (top, left) of the source as {@code pixels[tile]}: [3, side, side]. */
  private void writeTile(RgbImage source, int top, int left, float[] pixels, int tile) {
    int tileSize = model.vision().imageSize();
    int out = tile * 3 * tileSize * tileSize;
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < tileSize; y++) {
        int in = 3 * ((top + y) * source.width() + left) + c;
        for (int x = 0; x < tileSize; x++, in += 3) {
          pixels[out++] = tables[c][source.rgb()[in] & 0xff];
        }
      }
    }
  }
}
