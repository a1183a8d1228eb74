package io.trimtab.model.image;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig;

/**
 * From RGB to what a family's vision graph takes, with the values of transformers' Pillow-based
 * image processors (not the torchvision ones). Implementations keep no state and may be shared
 * between threads.
 */
public sealed interface ImagePreprocessor
    permits SquarePreprocessor, AnyresPreprocessor, QwenPreprocessor {
  /**
   * Prepares one picture.
   *
   * @throws TrimtabException INVALID_ARGUMENT for a shape that the family cannot take
   */
  PreparedImage prepare(RgbImage image);

  /**
   * The preprocessor of a checkpoint.
   *
   * @throws TrimtabException INVALID_ARGUMENT where the two configurations contradict each other
   */
  static ImagePreprocessor of(ModelConfig model, PreprocessorConfig config) {
    return switch (model) {
      case ModelConfig.LlavaAnyres anyres -> AnyresPreprocessor.of(anyres, config);
      case ModelConfig.Llava15 square -> SquarePreprocessor.of(square, config);
      case ModelConfig.Qwen25Vl qwen -> QwenPreprocessor.of(qwen, config);
    };
  }
}
