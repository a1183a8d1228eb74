package io.trimtab.study.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.peft.LoraModule;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.model.Checkpoint;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.Shared;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the gate let pass at a smaller scale is what the next stage goes on from. */
class ScaledDeltaTest {
  @TempDir private Path folder;

  @Test
  void theDeltaTimesTheScaleIsRead() throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(Shared.path("reference/qwen2_5-vl"));
        Arena arena = Arena.ofConfined()) {
      Path delta =
          PeftFolder.random(
                  checkpoint.config(), folder.resolve("delta"), 3, 2, Set.of("q_proj"), 0.1f)
              .folder();

      Path scaled = ScaledDelta.of(delta, 0.85f);

      PeftReader reader = new PeftReader(checkpoint.config(), AdapterLimits.defaults());
      PeftAdapter before = read(reader, delta, arena);
      PeftAdapter after = read(reader, scaled, arena);
      assertThat(after.modules()).hasSameSizeAs(before.modules()).isNotEmpty();
      for (int i = 0; i < before.modules().size(); i++) {
        LoraModule one = before.modules().get(i);
        LoraModule other = after.modules().get(i);
        assertThat((double) other.scaling()).isCloseTo(0.85 * one.scaling(), within(1e-6));
        assertThat(other.a().data().mismatch(one.a().data())).isEqualTo(-1);
        assertThat(other.b().data().mismatch(one.b().data())).isEqualTo(-1);
      }
      assertThat(ScaledDelta.of(delta, 0.85f)).isEqualTo(scaled);
    }
  }

  private static PeftAdapter read(PeftReader reader, Path folder, Arena arena) {
    return reader.read(
        folder.resolve("adapter_config.json"), folder.resolve("adapter_model.safetensors"), arena);
  }
}
