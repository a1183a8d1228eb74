package io.trimtab.adapter.peft;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.adapter.RevisionSource;
import io.trimtab.adapter.peft.BaseModules.Module;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.SafetensorsWriter;
import io.trimtab.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Writes a delta as the two files of a PEFT folder, with the names of transformers 4.52 and later.
 * {@link PeftReader} reads them, and so does PEFT.
 */
public final class PeftWriter {
  private final BaseModules base;

  public PeftWriter(ModelConfig base) {
    this.base = new BaseModules(base);
  }

  /**
   * How all modules are scaled.
   *
   * @param r rank of every module
   * @param loraAlpha numerator of the scaling
   * @param useRslora whether it is over √r instead of r
   */
  public record Scaling(int r, float loraAlpha, boolean useRslora) {}

  /**
   * A module's matrices.
   *
   * @param a {@code [r, inputs]}
   * @param b {@code [outputs, r]}
   */
  public record Matrices(Tensor a, Tensor b) {}

  /** Writes both files, replacing what is there; makes the folder where there is none. */
  public RevisionSource.PeftFiles write(
      Path folder, Scaling scaling, Map<DeltaTarget, Matrices> deltas) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Set<String> projections = new TreeSet<>();
    Set<String> projectorLayers = new TreeSet<>();
    for (Module module : base.all()) {
      Matrices matrices = deltas.get(module.target());
      if (matrices == null) {
        continue;
      }
      String name = "base_model.model." + module.newName();
      tensors.put(name + ".lora_A.weight", matrices.a);
      tensors.put(name + ".lora_B.weight", matrices.b);
      switch (module.target()) {
        case DeltaTarget.Decoder decoder -> projections.add(decoder.projection().wireName());
        case DeltaTarget.Projector _ -> projectorLayers.add(module.newName().replace(".", "\\."));
      }
    }
    if (tensors.size() != 2 * deltas.size()) {
      throw new IllegalArgumentException(
          "Only %d of %d targets are the base's".formatted(tensors.size() / 2, deltas.size()));
    }
    Files.createDirectories(folder);
    Path config = folder.resolve(PeftFiles.CONFIG);
    Path weights = folder.resolve(PeftFiles.WEIGHTS);
    Files.writeString(
        config, config(scaling, pattern(projections, projectorLayers)).toPrettyString());
    SafetensorsWriter.write(weights, tensors);
    return new RevisionSource.PeftFiles(config, weights);
  }

  /** PEFT matches whole names. A list such as q_proj would reach the vision tower too. */
  private static String pattern(Set<String> projections, Set<String> projectorLayers) {
    Set<String> patterns = new TreeSet<>(projectorLayers);
    if (!projections.isEmpty()) {
      patterns.add(
          projections.stream().collect(Collectors.joining("|", ".*language_model.*\\.(", ")")));
    }
    return String.join("|", patterns);
  }

  private static ObjectNode config(Scaling scaling, String targets) {
    ObjectNode config = new JsonMapper().createObjectNode();
    config.put("peft_type", "LORA").putNull("base_model_name_or_path").putNull("task_type");
    config.put("inference_mode", true).put("r", scaling.r);
    if (scaling.loraAlpha == Math.rint(scaling.loraAlpha)) {
      config.put("lora_alpha", (long) scaling.loraAlpha);
    } else {
      config.put("lora_alpha", scaling.loraAlpha);
    }
    config.put("use_rslora", scaling.useRslora).put("use_dora", false);
    config.put("lora_dropout", 0.0).put("bias", "none").put("fan_in_fan_out", false);
    config.put("init_lora_weights", true).putNull("modules_to_save");
    config.put("target_modules", targets);
    return config;
  }
}
