package io.trimtab.adapter.peft;

import static io.trimtab.adapter.peft.PeftCase.LLAVA;
import static io.trimtab.adapter.peft.PeftCase.QWEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.model.graph.Projection;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeftScalingTest {
  private static final PeftCase SA_PROJ = PeftCase.reference(LLAVA, "sa-proj");

  @TempDir Path dir;

  @Test
  void alphaIsDividedByTheRank() {
    assertThat(scaling(SA_PROJ, 1, Projection.V)).isEqualTo(8f / 4f);
    assertThat(scaling(SA_PROJ.with("lora_alpha", "0.5"), 1, Projection.V)).isEqualTo(0.125f);
    assertThat(scaling(SA_PROJ.with("lora_alpha", "-6"), 1, Projection.V)).isEqualTo(-1.5f);
  }

  @Test
  void rsLoraDividesByTheRootOfEachModulesRank() {
    PeftCase adapter = PeftCase.reference(LLAVA, "gate-up-rslora");

    assertThat(scaling(adapter, 0, Projection.GATE)).isEqualTo((float) (9 / Math.sqrt(6)));
    assertThat(scaling(adapter, 1, Projection.GATE)).isEqualTo((float) (9 / Math.sqrt(3)));
    assertThat(scaling(adapter, 1, Projection.UP)).isEqualTo((float) (9 / Math.sqrt(6)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"k_proj\": 2} | 0.5 | 2",
        "{\"layers.0.self_attn.k_proj\": 2} | 0.5 | 2",
        "{\"self_attn.[kv]_proj\": 2} | 0.5 | 2",
        "{\"^model.language_model.layers.0.self_attn.k_proj\": 2} | 0.5 | 2",
        "{\"^language_model.model.layers.0.self_attn.k_proj\": 2} | 0.5 | 2",
        "{\"^layers.0.self_attn.k_proj\": 2} | 2 | 2",
        "{\"_proj\": 2} | 2 | 2",
        "{\"layers\": 2} | 2 | 2",
        "{\"layers.*k_proj\": 2, \"k_proj\": 4, \".*\": 16} | 0.5 | 4",
        "{\"k.proj\": 2} | 0.5 | 2",
        "{\"layers\\\\.\\\\d+\\\\.self_attn\\\\..*\": 2} | 0.5 | 0.5"
      })
  void patternsMatchAsPeftMatchesThem(String patterns, float k, float q) {
    PeftCase adapter = SA_PROJ.with("alpha_pattern", patterns);

    assertThat(scaling(adapter, 0, Projection.K)).isEqualTo(k);
    assertThat(scaling(adapter, 0, Projection.Q)).isEqualTo(q);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"model.layers.0.self_attn.q_proj\"",
        "\"model.language_model.layers.0.self_attn.q_proj\"",
        "\"layers.0.self_attn.q_proj\""
      })
  void patternsMayBeOfEitherGeneration(String pattern) {
    PeftCase adapter =
        PeftCase.reference(QWEN, "all-linear-old-names")
            .with("alpha_pattern", "{" + pattern + ": 1}");

    assertThat(scaling(adapter, 0, Projection.Q)).isEqualTo(0.2f);
    assertThat(scaling(adapter, 1, Projection.Q)).isEqualTo(2);
  }

  private float scaling(PeftCase adapter, int layer, Projection projection) {
    DeltaTarget target = new DeltaTarget.Decoder(layer, projection);
    return adapter.read(dir).modules().stream()
        .filter(module -> module.target().equals(target))
        .findFirst()
        .orElseThrow()
        .scaling();
  }
}
