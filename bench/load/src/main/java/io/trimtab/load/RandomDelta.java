package io.trimtab.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * An adapter as PEFT writes it, with random values: rank 8 on q_proj and v_proj of every layer.
 *
 * @param config adapter_config.json
 * @param weights adapter_model.safetensors, float32
 */
record RandomDelta(byte[] config, byte[] weights) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int RANK = 8;
  private static final String TARGETS = ".*language_model.*\\.(q_proj|v_proj)";

  /** Values of both matrices lie between this and its negative: enough to change answers. */
  private static final float AMPLITUDE = 0.3f;

  /** Rows and columns. */
  private record Shape(int rows, int columns) {
    int bytes() {
      return rows * columns * Float.BYTES;
    }
  }

  /**
   * Makes one.
   *
   * @param model folder of the checkpoint that it is for
   */
  static RandomDelta of(Path model, long seed) throws IOException {
    JsonNode config = JSON.readTree(model.resolve("config.json").toFile());
    JsonNode text = config.has("text_config") ? config.path("text_config") : config;
    int hidden = width(text, "hidden_size");
    int heads = width(text, "num_attention_heads");
    int keyHeads = width(text, "num_key_value_heads");
    int head = text.has("head_dim") ? text.path("head_dim").asInt() : hidden / heads;
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (int layer = 0; layer < width(text, "num_hidden_layers"); layer++) {
      String module = "base_model.model.model.language_model.layers.%d.self_attn.".formatted(layer);
      shapes.put(module + "q_proj.lora_A.weight", new Shape(RANK, hidden));
      shapes.put(module + "q_proj.lora_B.weight", new Shape(heads * head, RANK));
      shapes.put(module + "v_proj.lora_A.weight", new Shape(RANK, hidden));
      shapes.put(module + "v_proj.lora_B.weight", new Shape(keyHeads * head, RANK));
    }
    return new RandomDelta(adapterConfig(), safetensors(shapes, new SplittableRandom(seed)));
  }

  private static int width(JsonNode text, String field) {
    int width = text.path(field).asInt();
    if (width < 1) {
      throw new IllegalArgumentException(
          "%s is %s, expected 1 and above".formatted(field, text.path(field)));
    }
    return width;
  }

  private static byte[] adapterConfig() throws IOException {
    ObjectNode config = JSON.createObjectNode().put("peft_type", "LORA").put("r", RANK);
    config.put("lora_alpha", 2 * RANK).put("bias", "none").put("inference_mode", true);
    config.put("use_rslora", false).put("use_dora", false).put("target_modules", TARGETS);
    config.putNull("base_model_name_or_path").putNull("modules_to_save");
    return JSON.writeValueAsBytes(config);
  }

  /** The length of the header, the header, and the values in its order. */
  private static byte[] safetensors(Map<String, Shape> shapes, SplittableRandom random)
      throws IOException {
    ObjectNode header = JSON.createObjectNode();
    int offset = 0;
    for (Map.Entry<String, Shape> entry : shapes.entrySet()) {
      Shape shape = entry.getValue();
      ObjectNode tensor = header.putObject(entry.getKey()).put("dtype", "F32");
      tensor.putArray("shape").add(shape.rows()).add(shape.columns());
      tensor.putArray("data_offsets").add(offset).add(offset + shape.bytes());
      offset += shape.bytes();
    }
    byte[] head = header.toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer values =
        ByteBuffer.allocate(Long.BYTES + head.length + offset).order(ByteOrder.LITTLE_ENDIAN);
    values.putLong(head.length).put(head);
    while (values.hasRemaining()) {
      values.putFloat((float) (2 * random.nextDouble() - 1) * AMPLITUDE);
    }
    return values.array();
  }
}
