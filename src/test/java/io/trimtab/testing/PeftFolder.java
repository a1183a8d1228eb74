package io.trimtab.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.graph.Projection;
import io.trimtab.model.graph.ProjectorShape;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** A folder as PEFT writes it, on disk: adapter_config.json and adapter_model.safetensors. */
public record PeftFolder(Path folder) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The wire name that stands for both layers of the projector. */
  public static final String PROJECTOR = "projector";

  public static PeftFolder reference(String model, String adapter) {
    return new PeftFolder(Shared.path("reference/%s/adapters/%s".formatted(model, adapter)));
  }

  /**
   * Writes a float32 folder with names of transformers 4.52 and later, alpha twice the rank.
   *
   * @param targets {@code q_proj} and so on, in every layer, and {@code projector}
   * @param amplitude values lie evenly between -amplitude and amplitude; 0 for an adapter of zeros
   */
  public static PeftFolder random(
      ModelConfig config, Path dir, long seed, int rank, Set<String> targets, float amplitude) {
    return random(config, dir, seed, rank, targets, amplitude, DType.F32);
  }

  /** The same in a container of F32, F16 or BF16. */
  public static PeftFolder random(
      ModelConfig config,
      Path dir,
      long seed,
      int rank,
      Set<String> targets,
      float amplitude,
      DType dtype) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, TensorFile.Entry> tensors = new LinkedHashMap<>();
    modules(config, targets)
        .forEach(
            (module, widths) -> {
              String prefix = "base_model.model." + module;
              tensors.put(
                  prefix + ".lora_A.weight", matrix(random, rank, widths.inputs, amplitude, dtype));
              tensors.put(
                  prefix + ".lora_B.weight",
                  matrix(random, widths.outputs, rank, amplitude, dtype));
            });
    return new PeftFolder(dir).write(config(config, rank, targets), new TensorFile(tensors));
  }

  public Path config() {
    return folder.resolve("adapter_config.json");
  }

  public Path weights() {
    return folder.resolve("adapter_model.safetensors");
  }

  public ObjectNode readConfig() {
    try {
      return (ObjectNode) JSON.readTree(config().toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public TensorFile readWeights() {
    return TensorFile.read(weights());
  }

  /** Replaces both files; returns this folder. */
  public PeftFolder write(ObjectNode config, TensorFile weights) {
    try {
      Files.createDirectories(folder);
      Files.writeString(config(), config.toPrettyString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    weights.write(weights());
    return this;
  }

  private static ObjectNode config(ModelConfig config, int rank, Set<String> targets) {
    ObjectNode node = JSON.createObjectNode();
    node.put("peft_type", "LORA").put("r", rank).put("lora_alpha", 2 * rank).put("bias", "none");
    node.put("use_rslora", false).put("use_dora", false).put("inference_mode", true);
    node.putNull("base_model_name_or_path").putNull("modules_to_save");
    node.put("target_modules", targetPattern(config, targets));
    return node;
  }

  /** A list of names such as q_proj would reach the vision tower too. */
  private static String targetPattern(ModelConfig config, Set<String> targets) {
    Set<String> projections = new TreeSet<>(targets);
    String projector =
        switch (config) {
          case ModelConfig.LlavaFamily _ -> "model\\.multi_modal_projector\\.linear_[12]";
          case ModelConfig.Qwen25Vl _ -> "model\\.visual\\.merger\\.mlp\\.[02]";
        };
    boolean reachesProjector = projections.remove(PROJECTOR);
    String decoder = ".*language_model.*\\.(%s)".formatted(String.join("|", projections));
    if (projections.isEmpty()) {
      return projector;
    }
    return reachesProjector ? decoder + "|" + projector : decoder;
  }

  private static Map<String, Widths> modules(ModelConfig config, Set<String> targets) {
    Map<String, Widths> modules = new LinkedHashMap<>();
    Set<String> unknown = new TreeSet<>(targets);
    for (int layer = 0; layer < config.text().layers(); layer++) {
      for (Projection projection : Projection.ALL) {
        unknown.remove(projection.wireName());
        if (targets.contains(projection.wireName())) {
          modules.put(
              "model.language_model.layers.%d.%s".formatted(layer, projection.module()),
              new Widths(projection.inputs(config.text()), projection.outputs(config.text())));
        }
      }
    }
    if (unknown.remove(PROJECTOR)) {
      ProjectorShape shape = ProjectorShape.of(config);
      String path =
          switch (config) {
            case ModelConfig.LlavaFamily _ -> "model.multi_modal_projector.";
            case ModelConfig.Qwen25Vl _ -> "model.visual.merger.";
          };
      for (int i = 0; i < 2; i++) {
        modules.put(
            path + shape.modules().get(i).substring("projector.".length()),
            i == 0
                ? new Widths(shape.inputs(), shape.inner())
                : new Widths(shape.inner(), shape.outputs()));
      }
    }
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("No such targets: " + unknown);
    }
    return modules;
  }

  private static TensorFile.Entry matrix(
      SplittableRandom random, int rows, int columns, float amplitude, DType dtype) {
    byte[] data = new byte[rows * columns * dtype.bytes()];
    MemorySegment memory = MemorySegment.ofArray(data);
    for (int i = 0; i < rows * columns; i++) {
      float value = amplitude == 0 ? 0 : (float) (2 * random.nextDouble() - 1) * amplitude;
      Floats.set(memory, dtype, i, value);
    }
    return new TensorFile.Entry(dtype, new long[] {rows, columns}, data);
  }

  private record Widths(int inputs, int outputs) {}
}
