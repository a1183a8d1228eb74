package io.trimtab.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig.GridSize;
import io.trimtab.model.ModelConfig.LlavaOnevision;
import io.trimtab.model.ModelConfig.Qwen25Vl;
import io.trimtab.model.ModelConfig.QwenVision;
import io.trimtab.model.ModelConfig.SiglipVision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Reads config.json as transformers 4 and 5 write it: text fields nested or at the top, rotary
 * settings as {@code rope_parameters} or as {@code rope_theta} and {@code rope_scaling}. What
 * changes the computation in a way that is not built here is refused by name, never ignored.
 */
final class ConfigReader {
  private ConfigReader() {}

  static ModelConfig read(JsonNode config) {
    String modelType = config.path("model_type").asText("");
    Family family =
        Family.of(modelType)
            .orElseThrow(
                () ->
                    TrimtabException.invalid(
                        "config.json has the model_type '%s'; the families served are %s"
                            .formatted(
                                modelType,
                                Arrays.stream(Family.values())
                                    .map(Family::modelType)
                                    .collect(Collectors.joining(", ")))));
    return switch (family) {
      case LLAVA_ONEVISION -> llavaOnevision(config);
      case QWEN2_5_VL -> qwen25Vl(config);
    };
  }

  private static LlavaOnevision llavaOnevision(JsonNode config) {
    JsonNode vision = required(config, "vision_config");
    requireText(vision, "model_type", "siglip_vision_model");
    SiglipVision siglip =
        new SiglipVision(
            size(vision, "hidden_size"),
            size(vision, "intermediate_size"),
            size(vision, "num_hidden_layers"),
            size(vision, "num_attention_heads"),
            size(vision, "num_channels", 3),
            size(vision, "image_size"),
            size(vision, "patch_size"),
            (float) vision.path("layer_norm_eps").asDouble(1e-6),
            vision.path("hidden_act").asText("gelu_pytorch_tanh"));
    List<GridSize> pinpoints = new ArrayList<>();
    for (JsonNode pair : required(config, "image_grid_pinpoints")) {
      if (!isCount(pair.path(0)) || !isCount(pair.path(1))) {
        throw TrimtabException.invalid(
            "config.json has %s in image_grid_pinpoints, expected [height, width]".formatted(pair));
      }
      pinpoints.add(new GridSize(pair.get(0).intValue(), pair.get(1).intValue()));
    }
    String aspectRatio = config.path("vision_aspect_ratio").asText("anyres_max_9");
    if (!aspectRatio.matches("anyres_max_[1-9][0-9]{0,3}")) {
      throw TrimtabException.invalid(
          "config.json has the vision_aspect_ratio '%s', expected anyres_max_N"
              .formatted(aspectRatio));
    }
    JsonNode featureLayer = config.path("vision_feature_layer");
    if (featureLayer.isArray()) {
      throw TrimtabException.invalid(
          "config.json has several vision_feature_layer %s, expected one number"
              .formatted(featureLayer));
    }
    return new LlavaOnevision(
        text(config, required(config, "text_config"), Defaults.QWEN2),
        tokenId(config, config.has("image_token_index") ? "image_token_index" : "image_token_id"),
        siglip,
        config.path("multimodal_projector_bias").asBoolean(true),
        config.path("projector_hidden_act").asText("gelu"),
        pinpoints,
        aspectRatio,
        featureLayer.asInt(-1),
        config.path("vision_feature_select_strategy").asText("full"));
  }

  private static Qwen25Vl qwen25Vl(JsonNode config) {
    JsonNode vision = required(config, "vision_config");
    List<Integer> fullAttention = new ArrayList<>();
    required(vision, "fullatt_block_indexes").forEach(index -> fullAttention.add(index.asInt()));
    QwenVision qwenVision =
        new QwenVision(
            size(vision, "hidden_size"),
            size(vision, "intermediate_size"),
            size(vision, "depth"),
            size(vision, "num_heads"),
            size(vision, "in_channels", size(vision, "in_chans", 3)),
            size(vision, "out_hidden_size"),
            size(vision, "patch_size"),
            size(vision, "temporal_patch_size", 2),
            size(vision, "spatial_merge_size"),
            size(vision, "window_size"),
            fullAttention,
            vision.path("hidden_act").asText("silu"));
    // transformers 4 wrote the text fields at the top of the file.
    JsonNode text = config.has("text_config") ? config.get("text_config") : config;
    TextConfig textConfig = text(config, text, Defaults.QWEN2_5_VL);
    if (textConfig.mropeSection().isEmpty()) {
      throw TrimtabException.invalid("config.json lacks the rotary embedding's mrope_section");
    }
    return new Qwen25Vl(
        textConfig,
        tokenId(config, "image_token_id"),
        tokenId(config, "vision_start_token_id"),
        tokenId(config, "vision_end_token_id"),
        qwenVision);
  }

  private static TextConfig text(JsonNode config, JsonNode text, Defaults defaults) {
    requireText(text, "hidden_act", "silu");
    if (text.path("use_sliding_window").asBoolean(false)) {
      throw TrimtabException.invalid(
          "config.json has use_sliding_window true; only full attention is built");
    }
    JsonNode rope =
        text.has("rope_parameters") ? text.get("rope_parameters") : text.path("rope_scaling");
    String ropeType = rope.path("rope_type").asText(rope.path("type").asText("default"));
    if (!ropeType.equals("default") && !ropeType.equals("mrope")) {
      throw TrimtabException.invalid(
          "config.json has the rope type '%s', expected default or mrope".formatted(ropeType));
    }
    List<Integer> sections = new ArrayList<>();
    rope.path("mrope_section").forEach(section -> sections.add(section.asInt()));
    int hidden = size(text, "hidden_size");
    int heads = size(text, "num_attention_heads");
    return new TextConfig(
        hidden,
        size(text, "intermediate_size"),
        size(text, "num_hidden_layers"),
        heads,
        size(text, "num_key_value_heads", heads),
        text.hasNonNull("head_dim") ? size(text, "head_dim") : perHead(hidden, heads),
        size(text, "vocab_size"),
        (float) text.path("rms_norm_eps").asDouble(defaults.rmsNormEpsilon),
        rope.path("rope_theta").asDouble(text.path("rope_theta").asDouble(defaults.ropeTheta)),
        sections,
        text.path("tie_word_embeddings").asBoolean(false)
            || config.path("tie_word_embeddings").asBoolean(false),
        size(text, "max_position_embeddings", 32_768));
  }

  private static JsonNode required(JsonNode node, String field) {
    JsonNode value = node.get(field);
    if (value == null || value.isNull()) {
      throw TrimtabException.invalid("config.json lacks the field " + field);
    }
    return value;
  }

  private static int perHead(int hidden, int heads) {
    if (hidden % heads != 0) {
      throw TrimtabException.invalid(
          "config.json has the hidden_size %d, which %d heads don't divide"
              .formatted(hidden, heads));
    }
    return hidden / heads;
  }

  private static int size(JsonNode node, String field) {
    JsonNode value = required(node, field);
    if (!isCount(value)) {
      throw TrimtabException.invalid(
          "config.json has %s in %s, expected a whole number above 0".formatted(value, field));
    }
    return value.intValue();
  }

  private static int size(JsonNode node, String field, int otherwise) {
    return node.hasNonNull(field) ? size(node, field) : otherwise;
  }

  private static boolean isCount(JsonNode value) {
    return value.isInt() && value.intValue() > 0;
  }

  /** The id of a token, from 0. */
  private static int tokenId(JsonNode node, String field) {
    JsonNode value = required(node, field);
    if (!value.isInt() || value.intValue() < 0) {
      throw TrimtabException.invalid(
          "config.json has %s in %s, expected a whole number from 0".formatted(value, field));
    }
    return value.intValue();
  }

  private static void requireText(JsonNode node, String field, String expected) {
    String value = node.path(field).asText(expected);
    if (!value.equals(expected)) {
      throw TrimtabException.invalid(
          "config.json has the %s '%s', expected %s".formatted(field, value, expected));
    }
  }

  /** What transformers takes where a text field is left out. */
  private enum Defaults {
    QWEN2(1e-6, 1e4),
    QWEN2_5_VL(1e-5, 1e6);

    private final double rmsNormEpsilon;
    private final double ropeTheta;

    Defaults(double rmsNormEpsilon, double ropeTheta) {
      this.rmsNormEpsilon = rmsNormEpsilon;
      this.ropeTheta = ropeTheta;
    }
  }
}
