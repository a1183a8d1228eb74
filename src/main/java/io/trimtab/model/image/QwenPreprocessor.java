package io.trimtab.model.image;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.ModelConfig.GridSize;

/**
 * Qwen2.5-VL's preprocessing: the picture is resized so that both sides are multiples of a token's
 * side and the number of pixels lies within bounds, then cut into patches in the merger's order.
 */
final class QwenPreprocessor implements ImagePreprocessor {
  /** transformers refuses longer pictures. */
  private static final int ASPECT_RATIO_MAX = 200;

  private final PreprocessorConfig.Patches patches;
  private final Filter filter;
  private final float[][] tables;

  private QwenPreprocessor(PreprocessorConfig.Patches patches, Filter filter, PixelScale scale) {
    this.patches = patches;
    this.filter = filter;
    this.tables = scale.tables();
  }

  static QwenPreprocessor of(ModelConfig.Qwen25Vl model, PreprocessorConfig config) {
    if (!(config.geometry() instanceof PreprocessorConfig.Patches patches)) {
      throw TrimtabException.invalid(
          "Expected a Qwen2VLImageProcessor for this model, got " + config.geometry());
    }
    requireEqual("patch_size", model.vision().patchSize(), patches.patchSize());
    requireEqual(
        "temporal_patch_size", model.vision().temporalPatchSize(), patches.temporalPatchSize());
    requireEqual("merge_size", model.vision().spatialMergeSize(), patches.mergeSize());
    requireEqual("the number of channels", model.vision().channels(), 3);
    return new QwenPreprocessor(patches, config.resample(), config.scale());
  }

  private static void requireEqual(String what, int model, int preprocessor) {
    if (model != preprocessor) {
      throw TrimtabException.invalid(
          "%s of config.json and of the preprocessor differ: %d and %d"
              .formatted(what, model, preprocessor));
    }
  }

  @Override
  public PatchedImage prepare(RgbImage image) {
    GridSize size =
        switch (patches.sizing()) {
          case PreprocessorConfig.Within within -> smartResize(image, within);
          case PreprocessorConfig.AsItIs _ -> requireMultiple(image);
        };
    return cut(PillowResize.resize(image, size.width(), size.height(), filter));
  }

  private int tokenSide() {
    return patches.patchSize() * patches.mergeSize();
  }

  private GridSize requireMultiple(RgbImage image) {
    if (image.height() % tokenSide() != 0 || image.width() % tokenSide() != 0) {
      throw TrimtabException.invalid(
          "Expected sides that are multiples of %d (do_resize is false), got %d×%d"
              .formatted(tokenSide(), image.width(), image.height()));
    }
    return new GridSize(image.height(), image.width());
  }

  /** transformers' {@code smart_resize}; rounding is to even as in Python. */
  private GridSize smartResize(RgbImage image, PreprocessorConfig.Within within) {
    double height = image.height();
    double width = image.width();
    int factor = tokenSide();
    double aspectRatio = Math.max(height, width) / Math.min(height, width);
    if (aspectRatio > ASPECT_RATIO_MAX) {
      throw TrimtabException.invalid(
          "absolute aspect ratio must be smaller than %d, got %s (%d×%d pixels)"
              .formatted(ASPECT_RATIO_MAX, aspectRatio, image.width(), image.height()));
    }
    double rows = Math.rint(height / factor);
    double columns = Math.rint(width / factor);
    double pixels = rows * columns * factor * factor;
    if (pixels > within.maxPixels()) {
      double shrink = Math.sqrt(height * width / within.maxPixels());
      rows = Math.max(1, Math.floor(height / shrink / factor));
      columns = Math.max(1, Math.floor(width / shrink / factor));
    } else if (pixels < within.minPixels()) {
      double grow = Math.sqrt(within.minPixels() / (height * width));
      rows = Math.ceil(height * grow / factor);
      columns = Math.ceil(width * grow / factor);
    }
    if (rows < 1 || columns < 1) {
      throw TrimtabException.invalid(
          "A picture of %d×%d pixels is smaller than half a token's side of %d"
              .formatted(image.width(), image.height(), factor));
    }
    return new GridSize((int) rows * factor, (int) columns * factor);
  }

  /** Rows of [channel, frame, patch row, patch column]; each frame is the same picture. */
  private PatchedImage cut(RgbImage image) {
    int patchSize = patches.patchSize();
    int merge = patches.mergeSize();
    int gridHeight = image.height() / patchSize;
    int gridWidth = image.width() / patchSize;
    int patchWidth = 3 * patches.temporalPatchSize() * patchSize * patchSize;
    float[] pixels = new float[Math.multiplyExact(gridHeight * gridWidth, patchWidth)];
    int out = 0;
    for (int groupRow = 0; groupRow < gridHeight; groupRow += merge) {
      for (int groupColumn = 0; groupColumn < gridWidth; groupColumn += merge) {
        for (int patch = 0; patch < merge * merge; patch++) {
          int top = (groupRow + patch / merge) * patchSize;
          int left = (groupColumn + patch % merge) * patchSize;
          writePatch(image, top, left, pixels, out);
          out += patchWidth;
        }
      }
    }
    return new PatchedImage(pixels, gridHeight, gridWidth, patchWidth, merge);
  }

  private void writePatch(RgbImage image, int top, int left, float[] pixels, int out) {
    int patchSize = patches.patchSize();
    int frame = patchSize * patchSize;
    for (int c = 0; c < 3; c++) {
      int first = out;
      for (int y = 0; y < patchSize; y++) {
        int in = 3 * ((top + y) * image.width() + left) + c;
        for (int x = 0; x < patchSize; x++, in += 3) {
          pixels[out++] = tables[c][image.rgb()[in] & 0xff];
        }
      }
      for (int t = 1; t < patches.temporalPatchSize(); t++, out += frame) {
        System.arraycopy(pixels, first, pixels, out, frame);
      }
    }
  }
}
