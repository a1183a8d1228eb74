package io.trimtab.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GenerationDefaultsTest {
  @Test
  void readsTheReferenceFolder() {
    GenerationDefaults defaults = GenerationDefaults.read(Shared.path("reference/qwen2_5-vl"));
    assertThat(defaults.eosTokenIds()).containsExactly(770);
    assertThat(defaults.temperature()).isEmpty();
  }

  @Test
  void readsEveryEndTokenAndTheSampling(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("generation_config.json"),
        """
        {"eos_token_id": [151645, 151643], "temperature": 0.1, "top_k": 1, "top_p": 0.001,
         "repetition_penalty": 1.05}
        """);
    GenerationDefaults defaults = GenerationDefaults.read(folder);
    assertThat(defaults.eosTokenIds()).containsExactly(151645, 151643);
    assertThat(defaults.temperature()).hasValue(0.1);
    assertThat(defaults.topK()).hasValue(1);
    assertThat(defaults.topP()).hasValue(0.001);
    assertThat(defaults.minP()).isEmpty();
    assertThat(defaults.repetitionPenalty()).hasValue(1.05);
  }

  @Test
  void fallsBackToTheModelsConfiguration(@TempDir Path folder) throws IOException {
    assertThat(GenerationDefaults.read(folder).eosTokenIds()).isEmpty();
    Files.writeString(folder.resolve("config.json"), "{\"eos_token_id\": 7}");
    assertThat(GenerationDefaults.read(folder).eosTokenIds()).containsExactly(7);
    Files.writeString(
        folder.resolve("config.json"),
        "{\"eos_token_id\": 7, \"text_config\": {\"eos_token_id\": 2}}");
    assertThat(GenerationDefaults.read(folder).eosTokenIds()).containsExactly(2);
  }

  /** The published LLaVA-1.5 leaves out what is Llama's default. */
  @Test
  void whereNothingNamesAnEndTokenTheDecodersDefaultHolds(@TempDir Path folder) throws IOException {
    for (String decoder : List.of("llama", "mistral")) {
      Files.writeString(
          folder.resolve("config.json"),
          "{\"text_config\": {\"model_type\": \"%s\"}}".formatted(decoder));
      assertThat(GenerationDefaults.read(folder).eosTokenIds()).containsExactly(2);
    }
    Files.writeString(
        folder.resolve("config.json"), "{\"model_type\": \"llava\", \"text_config\": {}}");
    assertThat(GenerationDefaults.read(folder).eosTokenIds()).containsExactly(2);
    Files.writeString(
        folder.resolve("config.json"), "{\"text_config\": {\"model_type\": \"qwen2\"}}");
    assertThat(GenerationDefaults.read(folder).eosTokenIds()).isEmpty();
  }
}
