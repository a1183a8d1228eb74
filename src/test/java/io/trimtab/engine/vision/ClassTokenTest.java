package io.trimtab.engine.vision;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.engine.api.ModelSelection;
import io.trimtab.engine.execution.LoadedModel;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.graph.WriteProgress;
import io.trimtab.model.image.ImagePreprocessor;
import io.trimtab.model.image.PictureDecoder;
import io.trimtab.model.image.PictureLimits;
import io.trimtab.model.image.PreprocessorConfig;
import io.trimtab.testing.CheckpointCopy;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.testing.Shared;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CLIP's first row is no patch: {@code default} drops it, {@code full} keeps it. */
class ClassTokenTest {
  private static final int PATCHES = 16;
  private static final int WIDTH = 48;

  @TempDir Path folder;

  @Test
  void fullIsTheClassTokenAndThenTheRowsOfDefault() throws IOException {
    Path reference = Shared.path("reference/llava-1.5");
    CheckpointCopy.llava15()
        .withConfig(config -> config.put("vision_feature_select_strategy", "full"))
        .write(folder);
    Files.copy(
        reference.resolve("preprocessor_config.json"), folder.resolve("preprocessor_config.json"));
    float[] patches = features(reference, PATCHES);
    float[] full = features(folder, PATCHES + 1);
    assertThat(full).hasSize(patches.length + WIDTH);
    assertThat(Arrays.copyOfRange(full, WIDTH, full.length)).isEqualTo(patches);
    assertThat(Arrays.copyOf(full, WIDTH)).isNotEqualTo(Arrays.copyOf(patches, WIDTH));
  }

  private static float[] features(Path checkpoint, int tokens) {
    try (LoadedModel model =
        LoadedModel.open(
            ModelSelection.of(checkpoint, Path.of("target", "engine-test-data")),
            1,
            WriteProgress.silent())) {
      Checkpoint opened = model.checkpoint();
      TowerFeatures features =
          model
              .tower()
              .encode(
                  ImagePreprocessor.of(opened.config(), PreprocessorConfig.read(checkpoint))
                      .prepare(
                          new PictureDecoder(PictureLimits.defaults())
                              .decode(DrawnPictures.png(0x336699).encoded())));
      assertThat(features.tokens()).isEqualTo(tokens);
      return features.features().segment().toArray(ValueLayout.JAVA_FLOAT);
    }
  }
}
