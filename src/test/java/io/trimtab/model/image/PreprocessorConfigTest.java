package io.trimtab.model.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig.GridSize;
import io.trimtab.model.image.PreprocessorConfig.AsItIs;
import io.trimtab.model.image.PreprocessorConfig.Cropped;
import io.trimtab.model.image.PreprocessorConfig.Patches;
import io.trimtab.model.image.PreprocessorConfig.Square;
import io.trimtab.model.image.PreprocessorConfig.Squeezed;
import io.trimtab.model.image.PreprocessorConfig.Tiles;
import io.trimtab.model.image.PreprocessorConfig.Within;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessorConfigTest {
  @TempDir Path folder;

  @Test
  void absentFieldsHaveTransformersDefaults() throws IOException {
    PreprocessorConfig config = read("{'image_processor_type': 'Qwen2VLImageProcessor'}");
    assertThat(config.resample()).isEqualTo(Filter.BICUBIC);
    assertThat(config.scale().factor()).isEqualTo(1 / 255.0);
    assertThat(config.scale().mean()).containsExactly(0.48145466, 0.4578275, 0.40821073);
    assertThat(config.geometry())
        .isEqualTo(new Patches(14, 2, 2, new Within(56 * 56, 28 * 28 * 1280)));
  }

  @Test
  void pixelBoundsHaveTwoSpellingsAndTheOlderOneOverrules() throws IOException {
    assertThat(sizing("'size': {'shortest_edge': 100, 'longest_edge': 200}"))
        .isEqualTo(new Within(100, 200));
    assertThat(sizing("'min_pixels': 100, 'max_pixels': 200")).isEqualTo(new Within(100, 200));
    assertThat(sizing("'size': {'min_pixels': 100, 'max_pixels': 200}"))
        .isEqualTo(new Within(100, 200));
    assertThat(sizing("'max_pixels': 150, 'size': {'shortest_edge': 100, 'longest_edge': 200}"))
        .isEqualTo(new Within(100, 150));
    assertThat(sizing("'do_resize': false")).isEqualTo(new AsItIs());
  }

  @Test
  void clipCutsOutTheMiddleAndSiglipTakesTheWhole() throws IOException {
    assertThat(clip("")).isEqualTo(new Square(224, new Cropped(224)));
    assertThat(clip(", 'size': 336, 'crop_size': 300"))
        .isEqualTo(new Square(300, new Cropped(336)));
    assertThat(clip(", 'size': {'shortest_edge': 336}, 'crop_size': {'height': 336, 'width': 336}"))
        .isEqualTo(new Square(336, new Cropped(336)));
    assertThat(clip(", 'size': {'height': 336, 'width': 336}, 'do_center_crop': false"))
        .isEqualTo(new Square(336, new Squeezed()));
    PreprocessorConfig siglip =
        read(
            "{'image_processor_type': 'SiglipImageProcessor', 'size': {'height': 384, 'width': 384}}");
    assertThat(siglip.geometry()).isEqualTo(new Square(384, new Squeezed()));
    assertThat(siglip.scale().mean()).containsExactly(0.5, 0.5, 0.5);
    assertThat(siglip.scale().std()).containsExactly(0.5, 0.5, 0.5);
  }

  @Test
  void nextHasTilesOfItsSize() throws IOException {
    assertThat(
            read("{'image_processor_type': 'LlavaNextImageProcessor', 'size':"
                    + " {'shortest_edge': 336}, 'crop_size': {'height': 336, 'width': 336},"
                    + " 'image_grid_pinpoints': [[336, 672]]}")
                .geometry())
        .isEqualTo(new Tiles(336, List.of(new GridSize(336, 672))));
    assertThatThrownBy(
            () ->
                read(
                    "{'image_processor_type': 'LlavaNextImageProcessor', 'size': 336, 'crop_size':"
                        + " 224}"))
        .hasMessageContaining("Expected a crop_size of the size 336, got 224");
  }

  @Test
  void whatDoesNotMakeSquaresIsRefused() {
    assertThatThrownBy(() -> clip(", 'do_center_crop': false"))
        .hasMessageContaining("Expected do_center_crop true");
    assertThatThrownBy(() -> clip(", 'do_resize': false"))
        .hasMessageContaining("Expected do_resize true");
    assertThatThrownBy(() -> clip(", 'size': 224, 'crop_size': 336"))
        .hasMessageContaining("Expected a crop_size of at most the shortest_edge 224, got 336");
    assertThatThrownBy(() -> clip(", 'crop_size': {'height': 224, 'width': 200}"))
        .hasMessageContaining("Expected a square size, got 224×200");
  }

  private PreprocessorConfig.Geometry clip(String fields) throws IOException {
    return read("{'image_processor_type': 'CLIPImageProcessor'%s}".formatted(fields)).geometry();
  }

  @Test
  void newerCheckpointsKeepItInTheProcessorsFile() throws IOException {
    write(
        "processor_config.json",
        "{'vision_aspect_ratio': 'anyres_max_9', 'image_processor': {'image_processor_type':"
            + " 'LlavaOnevisionImageProcessorFast', 'size': {'height': 28, 'width': 28},"
            + " 'do_normalize': false, 'do_rescale': false}}");
    PreprocessorConfig config = PreprocessorConfig.read(folder);
    assertThat(config.geometry()).isEqualTo(new Tiles(28, List.of()));
    assertThat(config.visionAspectRatio()).isEqualTo("anyres_max_9");
    assertThat(config.scale().tables()[0][200]).isEqualTo(200f);

    // As transformers 5 has it, whatever an older file beside it says.
    write(
        "preprocessor_config.json",
        "{'image_processor_type': 'LlavaOnevisionImageProcessor', 'size': 56}");
    assertThat(PreprocessorConfig.read(folder)).isEqualTo(config);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'image_mean': [0.5, 0.5] | Expected image_mean as 3 numbers",
        "'image_std': 0 | Expected image_std other than 0",
        "'resample': 9 | Expected a resample filter from 0 to 5, got 9",
        "'resample': 'bicubic' | Expected resample as a whole number",
        "'do_resize': 1 | Expected do_resize as true or false",
        "'patch_size': 0 | Expected patch_size as a whole number of at least 1",
        "'min_pixels': 300, 'max_pixels': 200 | Expected min_pixels up to max_pixels",
        "'size': 5 | Expected size as an object",
      })
  void aMalformedFieldIsNamed(String fields, String message) {
    assertThatThrownBy(
            () -> read("{'image_processor_type': 'Qwen2VLImageProcessor'," + fields + "}"))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining(message);
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThatThrownBy(() -> PreprocessorConfig.read(folder))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining("preprocessor_config.json");
    assertThatThrownBy(() -> read("{}")).hasMessageContaining("image_processor_type");
    assertThatThrownBy(() -> read("{'image_processor_type': 'ViTImageProcessor'}"))
        .hasMessageContaining("got ViTImageProcessor");
    assertThatThrownBy(() -> read("{")).hasMessageContaining("Expected JSON");
    assertThatThrownBy(
            () ->
                read(
                    "{'image_processor_type': 'LlavaOnevisionImageProcessor',"
                        + " 'image_grid_pinpoints': [[1]]}"))
        .hasMessageContaining("pairs of height and width");
  }

  private PreprocessorConfig.Sizing sizing(String fields) throws IOException {
    PreprocessorConfig config =
        read("{'image_processor_type': 'Qwen2VLImageProcessor', " + fields + "}");
    return ((Patches) config.geometry()).sizing();
  }

  private PreprocessorConfig read(String json) throws IOException {
    write("preprocessor_config.json", json);
    return PreprocessorConfig.read(folder);
  }

  private void write(String name, String json) throws IOException {
    Files.writeString(folder.resolve(name), json.replace('\'', '"'));
  }
}
