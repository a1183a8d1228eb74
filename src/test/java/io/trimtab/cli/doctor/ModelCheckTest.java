package io.trimtab.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.testing.CheckpointCopy;
import io.trimtab.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reference checkpoints, whole and with something taken away. */
final class ModelCheckTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"llava-onevision", "qwen2_5-vl", "llava-next", "llava-1.5"})
  void aWholeCheckpointIsFine(String name) {
    List<Finding> findings = look(Shared.path("reference/" + name));
    assertThat(findings).singleElement().extracting(Finding::level).isEqualTo(Level.OK);
    assertThat(findings.getFirst().found()).contains(name, " with ", " of weights");
  }

  @Test
  void aBundledModelIsNotUnpacked() {
    assertThat(new ModelCheck("dinghy-qwen").look())
        .containsExactly(Finding.ok("model", "dinghy-qwen, which is bundled"));
  }

  @Test
  void aFolderThatIsNoCheckpointIsAFault() throws IOException {
    Files.writeString(folder.resolve("readme.txt"), "nothing here");
    Finding finding = look(folder).getFirst();
    assertThat(finding.level()).isEqualTo(Level.FAULT);
    assertThat(finding.found()).contains("config.json", folder.toString());
    assertThat(finding.advice()).contains("llava_onevision, qwen2_5_vl, llava_next, llava");
  }

  @Test
  void aFolderThatIsNotThereIsAFaultThatNamesWhatThereIs() {
    Finding finding = look(folder.resolve("modle")).getFirst();
    assertThat(finding.level()).isEqualTo(Level.FAULT);
    assertThat(finding.advice()).contains("dinghy-llava, dinghy-qwen");
    assertThat(new ModelCheck("\0").look().getFirst().level()).isEqualTo(Level.FAULT);
  }

  @Test
  void anotherFamilyIsAFault() {
    CheckpointCopy.qwen25Vl()
        .withConfig(config -> config.put("model_type", "qwen3_vl"))
        .write(folder);
    Finding finding = look(folder).getFirst();
    assertThat(finding.level()).isEqualTo(Level.FAULT);
    assertThat(finding.found()).contains("qwen3_vl");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.safetensors",
        "tokenizer.json",
        "preprocessor_config.json",
        "chat_template"
      })
  void whatIsMissingIsNamed(String missing) throws IOException {
    copyWithout(missing);
    assertThat(look(folder))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.level()).isEqualTo(Level.FAULT);
              assertThat(finding.found())
                  .contains(
                      missing.equals("chat_template")
                          ? "chat template"
                          : missing.replace("model.", ""));
              assertThat(finding.advice()).contains("copy the whole folder");
            });
  }

  @Test
  void allThatIsWrongIsSaidAtOnce() throws IOException {
    copyWithout("chat_template");
    Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": {\"vocab\"");
    Path weights = folder.resolve("model.safetensors");
    Files.write(weights, java.util.Arrays.copyOf(Files.readAllBytes(weights), 1000));
    assertThat(look(folder)).hasSize(3).allMatch(finding -> finding.level() == Level.FAULT);
  }

  private void copyWithout(String left) throws IOException {
    try (Stream<Path> files = Files.list(Shared.path("reference/qwen2_5-vl"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        if (!name.startsWith(left)) {
          Files.copy(file, folder.resolve(name));
        }
      }
    }
    Path config = folder.resolve("tokenizer_config.json");
    if (left.equals("chat_template") && Files.exists(config)) {
      Files.writeString(
          config, Files.readString(config).replace("\"chat_template\"", "\"no_template\""));
    }
  }

  private static List<Finding> look(Path folder) {
    return new ModelCheck(folder.toString()).look();
  }
}
