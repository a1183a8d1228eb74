package io.trimtab.adapter.peft;

import static io.trimtab.adapter.peft.PeftCase.LLAVA;
import static io.trimtab.adapter.peft.PeftCase.QWEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.testing.PeftFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeftTargetsTest {
  private static final String SA_PROJ = "\"q_proj\", \"k_proj\", \"v_proj\", \"o_proj\"";

  @TempDir Path dir;

  /** As PEFT writes it for a list that reached the tower: half of it is never applied. */
  @Test
  void aListThatReachedTheTowerIsRefusedByItsTensors() {
    String layer = "base_model.model.model.language_model.layers.0.self_attn.q_proj.lora_A.weight";
    String tower =
        "base_model.model.model.vision_tower.vision_model.encoder.layers.0.self_attn.q_proj.lora_A"
            + ".weight";
    PeftCase adapter =
        PeftCase.reference(LLAVA, "sa-proj").with("target_modules", "[" + SA_PROJ + "]");

    assertThat(adapter.read(dir).modules()).hasSize(12);
    assertThat(adapter.withWeights(w -> w.withCopy(layer, tower)).refusal(dir))
        .contains("tensor " + tower + ": a delta for the vision tower is refused");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\".*vision_tower.*\"", "[\"model.vision_tower.x\"]", "[]", "null"})
  void modulesMayBeExcluded(String excluded) {
    PeftCase adapter =
        PeftCase.reference(LLAVA, "sa-proj").with("target_modules", "[" + SA_PROJ + "]");

    assertThat(adapter.with("exclude_modules", excluded).read(dir).modules()).hasSize(12);
  }

  @Test
  void exclusionsCount() {
    PeftCase adapter =
        PeftCase.reference(LLAVA, "sa-proj")
            .with("target_modules", "[" + SA_PROJ + ", \"up_proj\"]")
            .with("exclude_modules", "\".*up_proj\"");

    assertThat(adapter.read(dir).modules()).hasSize(12);
  }

  @ParameterizedTest
  @ValueSource(strings = {"all-linear", "ALL-Linear"})
  void allLinearIsEveryLayerThatAnAdapterReaches(String all) {
    PeftFolder folder =
        PeftFolder.random(
            PeftCase.base(QWEN),
            dir,
            3,
            2,
            Set.of(
                "q_proj",
                "k_proj",
                "v_proj",
                "o_proj",
                "gate_proj",
                "up_proj",
                "down_proj",
                "projector"),
            1);
    PeftCase adapter =
        new PeftCase(PeftCase.base(QWEN), folder.readConfig(), folder.readWeights())
            .with("target_modules", "\"" + all + "\"");

    assertThat(adapter.read(dir).modules()).hasSize(23);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"[1] | null", "1 | \"layers\"", "[1] | [\"h\", \"layers\"]", "[1] | \"lay.*\""})
  void layersMayBeChosen(String layers, String pattern) {
    PeftCase adapter =
        PeftCase.reference(LLAVA, "sa-proj")
            .with("target_modules", "[" + SA_PROJ + "]")
            .with("layers_to_transform", layers)
            .with("layers_pattern", pattern)
            .withWeights(w -> w.only(name -> name.contains("layers.1.")));

    assertThat(adapter.read(dir).modules())
        .hasSize(4)
        .allMatch(module -> ((DeltaTarget.Decoder) module.target()).layer() == 1);
    assertThat(adapter.with("layers_to_transform", "[0, 1]").refusal(dir))
        .contains("no lora_A of language_model.layers.0.self_attn.q_proj");
    assertThat(adapter.with("layers_pattern", "\"blocks\"").refusal(dir))
        .contains("which the config does not target");
  }

  @Test
  void aWholeNameInTheListIsNotFilteredByLayer() {
    String whole = "model.language_model.layers.2.self_attn.q_proj";
    PeftCase adapter =
        PeftCase.reference(LLAVA, "sa-proj")
            .with("target_modules", "[\"k_proj\", \"%s\"]".formatted(whole))
            .with("layers_to_transform", "[0]")
            .withWeights(
                w -> w.only(name -> name.contains(whole) || name.contains("layers.0.self_attn.k")));

    assertThat(adapter.read(dir).modules()).hasSize(2);
  }

  /** A config trained with one transformers beside a file whose names were converted. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "qwen2_5-vl | all-linear | \"model\\\\.layers\\\\..*_proj\"",
        "qwen2_5-vl | all-linear-old-names | \"model\\\\.layers\\\\..*_proj\"",
        "qwen2_5-vl | merger | [\"visual.merger.mlp.0\", \"visual.merger.mlp.2\"]",
        "qwen2_5-vl | merger-old-names | [\"model.visual.merger.mlp.0\", \"mlp.2\"]",
        "llava-onevision | sa-proj | \"language_model\\\\.model\\\\..*self_attn.*\""
      })
  void aConfigMaySpeakOfTheOtherGeneration(String model, String adapter, String targets) {
    assertThat(
            PeftCase.reference(model, adapter).with("target_modules", targets).read(dir).digest())
        .isEqualTo(PeftCase.reference(model, adapter).read(dir).digest());
  }

  @Test
  void patternsMadeToTakeForeverAreRefusedInTime() {
    List<String> slow =
        List.of("(.*.*.*.*){200}x", "(((a?){30}){30}(.*){30}|.*.*){10}x", "(?=(?=(?=.*)*.*)*.*)*x");
    for (String pattern : slow) {
      long before = System.nanoTime();
      assertThat(
              PeftCase.reference(LLAVA, "sa-proj")
                  .with("target_modules", "\"" + pattern + "\"")
                  .refusal(dir))
          .isNotEmpty();
      assertThat(System.nanoTime() - before).isLessThan(20_000_000_000L);
    }
  }
}
