package io.trimtab.model.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.ModelConfig.GridSize;
import io.trimtab.model.TextConfig;
import io.trimtab.testing.Shared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Configurations of the reference checkpoints, and pictures made of noise. */
final class Fixtures {
  private static final TextConfig TEXT =
      new TextConfig(96, 160, 3, 6, 2, 16, 773, 1e-6f, 1e6, List.of(), false, 4096);

  private Fixtures() {}

  static ModelConfig.LlavaOnevision onevision() {
    List<GridSize> pinpoints = new ArrayList<>();
    for (int rows = 1; rows <= 4; rows++) {
      for (int columns = 1; columns <= 4; columns++) {
        pinpoints.add(new GridSize(56 * rows, 56 * columns));
      }
    }
    return onevision(pinpoints, 56, 14, 4);
  }

  static ModelConfig.LlavaOnevision onevision(
      List<GridSize> pinpoints, int imageSize, int patchSize, int maxTiles) {
    ModelConfig.SiglipVision vision =
        new ModelConfig.SiglipVision(48, 80, 2, 3, 3, imageSize, patchSize, 1e-6f, "gelu");
    return new ModelConfig.LlavaOnevision(
        TEXT, 771, vision, true, "gelu", pinpoints, "anyres_max_" + maxTiles, -1, "full");
  }

  static ModelConfig.Qwen25Vl qwen() {
    JsonNode config = json(Shared.path("reference/qwen2_5-vl/config.json"));
    JsonNode vision = config.path("vision_config");
    return new ModelConfig.Qwen25Vl(
        TEXT,
        config.path("image_token_id").intValue(),
        config.path("vision_start_token_id").intValue(),
        config.path("vision_end_token_id").intValue(),
        qwenVision(
            vision.path("hidden_size").intValue(),
            vision.path("num_heads").intValue(),
            vision.path("window_size").intValue()));
  }

  static ModelConfig.QwenVision qwenVision(int hiddenSize, int heads, int windowSize) {
    return new ModelConfig.QwenVision(
        hiddenSize, 80, 2, heads, 3, 96, 14, 2, 2, windowSize, List.of(1), "silu");
  }

  static JsonNode json(Path file) {
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RgbImage noise(int width, int height, long seed) {
    byte[] rgb = new byte[3 * width * height];
    new Random(seed).nextBytes(rgb);
    return new RgbImage(width, height, rgb);
  }
}
