package io.trimtab.model.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.ModelConfig;
import io.trimtab.testing.ReferenceTensors;
import io.trimtab.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decoding and preprocessing against what transformers' Pillow-based processors made. */
class PixelParityTest {
  /** One ulp of a normalised pixel is 2e-7; an 8-bit level off by one would be 8e-3. */
  private static final float TOLERANCE = 1e-5f;

  @ParameterizedTest
  @ValueSource(strings = {"jpeg-wide", "multi-turn", "one-image", "two-images"})
  void onevisionTilesAreThoseOfTransformers(String name) throws IOException {
    assertTiles(Shared.path("reference/llava-onevision"), Fixtures.onevision(), name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpeg-wide", "multi-turn", "one-image", "two-images"})
  void nextTilesAreThoseOfTransformers(String name) throws IOException {
    Path folder = Shared.path("reference/llava-next");
    assertTiles(folder, Checkpoint.configOf(folder), name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpeg-wide", "multi-turn", "one-image", "two-images"})
  void squaresAreThoseOfTransformers(String name) throws IOException {
    Path folder = Shared.path("reference/llava-1.5");
    ModelConfig model = Checkpoint.configOf(folder);
    ReferenceTensors expected = expected(folder, name);
    List<PreparedImage> images = prepare(model, folder, name);
    float[] pixels = expected.floats("pixel_values");
    int perImage = pixels.length / images.size();
    assertThat(images).hasSize((int) expected.shape("pixel_values")[0]);
    for (int i = 0; i < images.size(); i++) {
      assertClose(
          images.get(i).pixels(), Arrays.copyOfRange(pixels, i * perImage, (i + 1) * perImage));
    }
    assertTokenCount(images, expected, model);
  }

  private static void assertTiles(Path folder, ModelConfig model, String name) throws IOException {
    ReferenceTensors expected = expected(folder, name);
    List<PreparedImage> images = prepare(model, folder, name);
    long[] shape = expected.shape("pixel_values");
    float[] pixels = expected.floats("pixel_values");
    assertThat(images).hasSize((int) shape[0]);
    int perImage = pixels.length / images.size();
    for (int i = 0; i < images.size(); i++) {
      TiledImage image = (TiledImage) images.get(i);
      assertThat(image.tiles()).isLessThanOrEqualTo((int) shape[1]);
      float[] padded = Arrays.copyOf(image.pixels(), perImage);
      assertClose(padded, Arrays.copyOfRange(pixels, i * perImage, (i + 1) * perImage));
      assertThat(new long[] {image.height(), image.width()})
          .isEqualTo(Arrays.copyOfRange(expected.longs("image_sizes"), 2 * i, 2 * i + 2));
    }
    assertTokenCount(images, expected, model);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpeg-wide", "multi-turn", "one-image", "two-images"})
  void qwenPatchesAreThoseOfTransformers(String name) throws IOException {
    Path folder = Shared.path("reference/qwen2_5-vl");
    ModelConfig model = Fixtures.qwen();
    ReferenceTensors expected = expected(folder, name);
    List<PreparedImage> images = prepare(model, folder, name);
    float[] pixels = expected.floats("pixel_values");
    long[] grids = expected.longs("image_grid_thw");
    int from = 0;
    for (int i = 0; i < images.size(); i++) {
      PatchedImage image = (PatchedImage) images.get(i);
      assertThat(new long[] {1, image.gridHeight(), image.gridWidth()})
          .isEqualTo(Arrays.copyOfRange(grids, 3 * i, 3 * i + 3));
      assertThat((long) image.patchWidth()).isEqualTo(expected.shape("pixel_values")[1]);
      int to = from + image.pixels().length;
      assertClose(image.pixels(), Arrays.copyOfRange(pixels, from, to));
      from = to;
    }
    assertThat(from).isEqualTo(pixels.length);
    assertTokenCount(images, expected, model);
  }

  private static ReferenceTensors expected(Path folder, String name) {
    return ReferenceTensors.read(folder.resolve("cases/" + name + "/expected.safetensors"));
  }

  private static List<PreparedImage> prepare(ModelConfig model, Path folder, String name)
      throws IOException {
    PictureDecoder decoder = new PictureDecoder(PictureLimits.defaults());
    ImagePreprocessor preprocessor = ImagePreprocessor.of(model, PreprocessorConfig.read(folder));
    Path where = folder.resolve("cases/" + name);
    List<PreparedImage> images = new ArrayList<>();
    JsonNode files = Fixtures.json(where.resolve("case.json")).path("images");
    for (JsonNode file : files) {
      byte[] encoded = Files.readAllBytes(where.resolve(file.textValue()));
      images.add(preprocessor.prepare(decoder.decode(encoded)));
    }
    return images;
  }

  private static void assertTokenCount(
      List<PreparedImage> images, ReferenceTensors expected, ModelConfig model) {
    long placeholders =
        Arrays.stream(expected.longs("input_ids")).filter(id -> id == model.imageTokenId()).count();
    assertThat(images.stream().mapToLong(PreparedImage::tokenCount).sum()).isEqualTo(placeholders);
  }

  private static void assertClose(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    float worst = 0;
    int differing = 0;
    for (int i = 0; i < actual.length; i++) {
      float difference = Math.abs(actual[i] - expected[i]);
      worst = Math.max(worst, difference);
      differing += difference > TOLERANCE ? 1 : 0;
    }
    assertThat(worst)
        .as("largest difference; %d of %d pixels differ", differing, actual.length)
        .isLessThanOrEqualTo(TOLERANCE);
  }
}
