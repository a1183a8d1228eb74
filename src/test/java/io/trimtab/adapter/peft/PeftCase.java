package io.trimtab.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.ModelConfig;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.Shared;
import io.trimtab.testing.TensorFile;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A PEFT folder in memory and a base to check it against, to be changed. Immutable. */
record PeftCase(ModelConfig base, ObjectNode config, TensorFile weights) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static final String LLAVA = "llava-onevision";
  static final String QWEN = "qwen2_5-vl";

  static PeftCase reference(String model, String adapter) {
    PeftFolder folder = PeftFolder.reference(model, adapter);
    return new PeftCase(base(model), folder.readConfig(), folder.readWeights());
  }

  static ModelConfig base(String model) {
    try (Checkpoint checkpoint = Checkpoint.open(Shared.path("reference/" + model))) {
      return checkpoint.config();
    }
  }

  PeftCase on(String model) {
    return new PeftCase(base(model), config, weights);
  }

  PeftCase withConfig(Consumer<ObjectNode> change) {
    ObjectNode changed = config.deepCopy();
    change.accept(changed);
    return new PeftCase(base, changed, weights);
  }

  /** With a setting as JSON text. */
  PeftCase with(String key, String json) {
    try {
      ObjectNode changed = config.deepCopy();
      changed.set(key, JSON.readTree(json));
      return new PeftCase(base, changed, weights);
    } catch (Exception e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  PeftCase withWeights(UnaryOperator<TensorFile> change) {
    return new PeftCase(base, config, change.apply(weights));
  }

  /** The report on the folder as it is written to {@code dir}. */
  PeftCheck check(Path dir) {
    try (Arena arena = Arena.ofConfined()) {
      PeftFolder folder = new PeftFolder(dir).write(config, weights);
      return new PeftReader(base, AdapterLimits.defaults())
          .check(folder.config(), folder.weights(), arena);
    }
  }

  /** The adapter's digest and scalings; its tensors are unmapped. */
  PeftAdapter read(Path dir) {
    PeftCheck check = check(dir);
    assertThat(check.errors()).isEmpty();
    assertThat(check.tensorsMatched()).isEqualTo(check.tensorsTotal());
    return check.adapter().orElseThrow();
  }

  /** What is wrong, in one text. */
  String refusal(Path dir) {
    PeftCheck check = check(dir);
    assertThat(check.adapter()).isEmpty();
    return String.join("; ", check.errors());
  }
}
