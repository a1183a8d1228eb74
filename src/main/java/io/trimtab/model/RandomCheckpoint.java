package io.trimtab.model;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.error.TrimtabException;
import io.trimtab.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A LLaVA-OneVision checkpoint with the language model's geometry of llava-onevision-qwen2-0.5b and
 * random weights: what costs as much as the real one and can be made anywhere. Tokenizer, template
 * and vision tower are the bundled model's.
 */
public final class RandomCheckpoint {
  private static final int HIDDEN = 896;
  private static final int INTERMEDIATE = 4864;
  private static final int HEADS = 14;
  private static final int KEY_VALUE_HEADS = 2;
  private static final int VOCABULARY = 151_936;

  /** Keeps activations finite through any number of layers. */
  private static final float DEVIATION = 0.02f;

  private RandomCheckpoint() {}

  /**
   * Writes the folder, replacing what it holds.
   *
   * @param layers of the decoder, 1 and above
   * @return bytes of weights
   */
  public static long write(Path folder, int layers, long seed) throws IOException {
    if (layers < 1) {
      throw TrimtabException.invalid("Expected 1 layer or more, got " + layers);
    }
    Files.createDirectories(folder);
    Path scratch = Files.createTempDirectory(folder, ".source-");
    try {
      Path source = BundledModel.unpack(BundledModel.DEFAULT, scratch);
      copyTexts(source, folder);
      writeConfig(source, folder, layers);
      try (Checkpoint small = Checkpoint.open(source)) {
        return writeWeights(small, folder, layers, seed);
      }
    } finally {
      deleteFolder(scratch);
    }
  }

  private static void copyTexts(Path source, Path folder) throws IOException {
    try (Stream<Path> files = Files.list(source)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        if (!name.endsWith(".safetensors") && !name.equals("config.json")) {
          Files.write(folder.resolve(name), Files.readAllBytes(file));
        }
      }
    }
  }

  private static void writeConfig(Path source, Path folder, int layers) throws IOException {
    JsonMapper json = new JsonMapper();
    ObjectNode config = (ObjectNode) json.readTree(source.resolve("config.json").toFile());
    ObjectNode text = (ObjectNode) config.get("text_config");
    text.put("hidden_size", HIDDEN)
        .put("intermediate_size", INTERMEDIATE)
        .put("num_hidden_layers", layers)
        .put("num_attention_heads", HEADS)
        .put("num_key_value_heads", KEY_VALUE_HEADS)
        .put("vocab_size", VOCABULARY)
        .put("max_position_embeddings", 32_768)
        .put("tie_word_embeddings", true);
    text.remove("layer_types");
    config.put("tie_word_embeddings", true);
    Files.write(folder.resolve("config.json"), json.writeValueAsBytes(config));
  }

  private static long writeWeights(Checkpoint small, Path folder, int layers, long seed)
      throws IOException {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> entry : small.weights().all().entrySet()) {
      if (entry.getKey().startsWith("vision_tower.")) {
        shapes.put("model." + entry.getKey(), entry.getValue().shape().dims());
      }
    }
    int vision = ((ModelConfig.LlavaOnevision) small.config()).vision().hiddenSize();
    shapes.put("model.multi_modal_projector.linear_1.weight", new long[] {HIDDEN, vision});
    shapes.put("model.multi_modal_projector.linear_1.bias", new long[] {HIDDEN});
    shapes.put("model.multi_modal_projector.linear_2.weight", new long[] {HIDDEN, HIDDEN});
    shapes.put("model.multi_modal_projector.linear_2.bias", new long[] {HIDDEN});
    shapes.put("model.image_newline", new long[] {HIDDEN});
    shapes.put("model.language_model.embed_tokens.weight", new long[] {VOCABULARY, HIDDEN});
    shapes.put("model.language_model.norm.weight", new long[] {HIDDEN});
    for (int layer = 0; layer < layers; layer++) {
      addLayer(shapes, "model.language_model.layers.%d.".formatted(layer));
    }
    return RandomTensors.write(
        folder.resolve("model.safetensors"), shapes, RandomCheckpoint::spread, seed);
  }

  private static void addLayer(Map<String, long[]> shapes, String layer) {
    int keyValues = HIDDEN / HEADS * KEY_VALUE_HEADS;
    shapes.put(layer + "input_layernorm.weight", new long[] {HIDDEN});
    shapes.put(layer + "post_attention_layernorm.weight", new long[] {HIDDEN});
    shapes.put(layer + "self_attn.q_proj.weight", new long[] {HIDDEN, HIDDEN});
    shapes.put(layer + "self_attn.q_proj.bias", new long[] {HIDDEN});
    shapes.put(layer + "self_attn.k_proj.weight", new long[] {keyValues, HIDDEN});
    shapes.put(layer + "self_attn.k_proj.bias", new long[] {keyValues});
    shapes.put(layer + "self_attn.v_proj.weight", new long[] {keyValues, HIDDEN});
    shapes.put(layer + "self_attn.v_proj.bias", new long[] {keyValues});
    shapes.put(layer + "self_attn.o_proj.weight", new long[] {HIDDEN, HIDDEN});
    shapes.put(layer + "mlp.gate_proj.weight", new long[] {INTERMEDIATE, HIDDEN});
    shapes.put(layer + "mlp.up_proj.weight", new long[] {INTERMEDIATE, HIDDEN});
    shapes.put(layer + "mlp.down_proj.weight", new long[] {HIDDEN, INTERMEDIATE});
  }

  private static RandomTensors.Spread spread(String name) {
    boolean norm = name.contains("norm") && name.endsWith(".weight");
    return norm ? new RandomTensors.Spread(1, 0) : new RandomTensors.Spread(0, DEVIATION);
  }

  private static void deleteFolder(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
