package io.trimtab.model.image;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.image.PreprocessorConfig.Square;

/**
 * LLaVA-1.5's preprocessing: CLIP's, which takes the square in a picture's middle, or SigLIP's,
 * which squeezes the whole into one.
 */
final class SquarePreprocessor implements ImagePreprocessor {
  private final Square square;
  private final int tokens;
  private final Filter filter;
  private final float[][] tables;

  private SquarePreprocessor(Square square, int tokens, Filter filter, PixelScale scale) {
    this.square = square;
    this.tokens = tokens;
    this.filter = filter;
    this.tables = scale.tables();
  }

  static SquarePreprocessor of(ModelConfig.Llava15 model, PreprocessorConfig config) {
    if (!(config.geometry() instanceof Square square)) {
      throw TrimtabException.invalid(
          "Expected a CLIPImageProcessor or a SiglipImageProcessor for this model, got "
              + config.geometry());
    }
    if (square.side() != model.vision().imageSize()) {
      throw TrimtabException.invalid(
          "The vision tower takes %d pixels a side, the preprocessor makes %d"
              .formatted(model.vision().imageSize(), square.side()));
    }
    return new SquarePreprocessor(
        square, model.featuresPerTile(), config.resample(), config.scale());
  }

  @Override
  public SquareImage prepare(RgbImage image) {
    int side = square.side();
    RgbImage pixels =
        switch (square.fit()) {
          case PreprocessorConfig.Squeezed _ -> PillowResize.resize(image, side, side, filter);
          case PreprocessorConfig.Cropped(int edge) -> cropped(image, edge);
        };
    float[] planes = new float[3 * side * side];
    int out = 0;
    for (int c = 0; c < 3; c++) {
      for (int in = c; in < pixels.rgb().length; in += 3) {
        planes[out++] = tables[c][pixels.rgb()[in] & 0xff];
      }
    }
    return new SquareImage(planes, side, tokens);
  }

  /** The shorter side becomes {@code edge}; transformers rounds the longer one down. */
  private RgbImage cropped(RgbImage image, int edge) {
    int shorter = Math.min(image.width(), image.height());
    int longer = (int) ((double) ((long) edge * Math.max(image.width(), image.height())) / shorter);
    int width = image.width() <= image.height() ? edge : longer;
    int height = image.width() <= image.height() ? longer : edge;
    int side = square.side();
    return PillowResize.resize(
        image,
        width,
        height,
        filter,
        new PillowResize.Window((width - side) / 2, (height - side) / 2, side, side));
  }
}
