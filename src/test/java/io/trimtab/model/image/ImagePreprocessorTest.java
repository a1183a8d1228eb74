package io.trimtab.model.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.ModelConfig.GridSize;
import io.trimtab.testing.Shared;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shapes at the edge of what the families take. */
class ImagePreprocessorTest {
  private final PreprocessorConfig tiles =
      PreprocessorConfig.read(Shared.path("reference/llava-onevision"));
  private final PreprocessorConfig patches =
      PreprocessorConfig.read(Shared.path("reference/qwen2_5-vl"));
  private final ImagePreprocessor onevision = ImagePreprocessor.of(Fixtures.onevision(), tiles);
  private final ImagePreprocessor qwen = ImagePreprocessor.of(Fixtures.qwen(), patches);

  @Test
  void onePixelIsAPicture() {
    RgbImage pixel = new RgbImage(1, 1, new byte[] {(byte) 255, 0, (byte) 255});
    TiledImage tiled = (TiledImage) onevision.prepare(pixel);
    assertThat(tiled.tiles()).isEqualTo(2);
    assertThat(tiled.tokenCount()).isEqualTo(16 + 4 * 5);
    assertThat(tiled.pixels()).containsOnly(1f, -1f);
    PatchedImage patched = (PatchedImage) qwen.prepare(pixel);
    assertThat(patched.gridHeight()).isEqualTo(4);
    assertThat(patched.tokenCount()).isEqualTo(4);
  }

  @Test
  void aLineIsTakenByOnevisionAndRefusedByQwen() {
    RgbImage line = Fixtures.noise(10_000, 1, 5);
    assertThat(onevision.prepare(line).tokenCount()).isEqualTo(16);
    assertThatThrownBy(() -> qwen.prepare(line))
        .isInstanceOf(TrimtabException.class)
        .hasMessage("absolute aspect ratio must be smaller than 200, got 10000.0 (10000×1 pixels)");
    RgbImage atTheBound = Fixtures.noise(200, 1, 5);
    assertThat(qwen.prepare(atTheBound).tokenCount()).isPositive();
  }

  /** Resized whole, the line would be millions of pixels long. */
  @Test
  void theMiddleOfALineIsASquare() {
    Path folder = Shared.path("reference/llava-1.5");
    ImagePreprocessor square =
        ImagePreprocessor.of(Checkpoint.configOf(folder), PreprocessorConfig.read(folder));
    for (RgbImage line : List.of(Fixtures.noise(65_535, 1, 5), Fixtures.noise(1, 65_535, 5))) {
      SquareImage image = (SquareImage) square.prepare(line);
      assertThat(image.side()).isEqualTo(56);
      assertThat(image.pixels()).hasSize(3 * 56 * 56);
      assertThat(image.tokenCount()).isEqualTo(16);
    }
  }

  @Test
  void qwenKeepsPixelsWithinItsBounds() {
    for (int[] size : new int[][] {{1, 1}, {3, 500}, {28, 28}, {300, 200}, {1000, 1000}}) {
      PatchedImage image = (PatchedImage) qwen.prepare(Fixtures.noise(size[0], size[1], 1));
      assertThat(image.patches() * 14 * 14).isLessThanOrEqualTo(50_176);
      assertThat(image.patches() * 14 * 14).isGreaterThanOrEqualTo(3136);
    }
  }

  @Test
  void aPatchRepeatsItsFrameAndReadsChannelByChannel() {
    RgbImage red = new RgbImage(56, 56, new byte[3 * 56 * 56]);
    red.rgb()[0] = (byte) 255;
    PatchedImage image = (PatchedImage) qwen.prepare(red);
    float[] pixels = image.pixels();
    assertThat(pixels[0]).isGreaterThan(1).isEqualTo(pixels[196]);
    assertThat(pixels[1]).isLessThan(0).isEqualTo(pixels[197]);
    assertThat(pixels[392]).isLessThan(0);
  }

  @Test
  void configurationsThatContradictEachOtherAreRefused() {
    assertThatThrownBy(() -> ImagePreprocessor.of(Fixtures.onevision(), patches))
        .hasMessageContaining("Expected a LlavaOnevisionImageProcessor");
    assertThatThrownBy(() -> ImagePreprocessor.of(Fixtures.qwen(), tiles))
        .hasMessageContaining("Expected a Qwen2VLImageProcessor");
    List<GridSize> other = List.of(new GridSize(56, 56));
    assertThatThrownBy(() -> ImagePreprocessor.of(Fixtures.onevision(other, 56, 14, 4), tiles))
        .hasMessageContaining("image_grid_pinpoints");
    assertThatThrownBy(() -> ImagePreprocessor.of(Fixtures.onevision(other, 28, 14, 4), tiles))
        .hasMessage("The vision tower takes 28 pixels a side, the preprocessor makes 56");
  }
}
