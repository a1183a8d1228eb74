package io.trimtab.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig.ClipVision;
import io.trimtab.model.ModelConfig.GridSize;
import io.trimtab.model.ModelConfig.Llava15;
import io.trimtab.model.ModelConfig.LlavaNext;
import io.trimtab.model.ModelConfig.LlavaOnevision;
import io.trimtab.model.ModelConfig.Qwen25Vl;
import io.trimtab.model.ModelConfig.QwenVision;
import io.trimtab.model.ModelConfig.SiglipVision;
import io.trimtab.model.ModelConfig.TileVision;
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
  private static final String CLIP = "clip_vision_model";
  private static final String SIGLIP = "siglip_vision_model";

  /** What transformers takes where config.json names none. */
  private static final List<GridSize> LLAVA_NEXT_PINPOINTS =
      List.of(
          new GridSize(336, 672),
          new GridSize(672, 336),
          new GridSize(672, 672),
          new GridSize(1008, 336),
          new GridSize(336, 1008));

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
      case LLAVA_NEXT -> llavaNext(config);
      case LLAVA -> llava15(config);
    };
  }

  private static LlavaOnevision llavaOnevision(JsonNode config) {
    JsonNode vision = required(config, "vision_config");
    requireText(vision, "model_type", SIGLIP);
    String aspectRatio = config.path("vision_aspect_ratio").asText("anyres_max_9");
    if (!aspectRatio.matches("anyres_max_[1-9][0-9]{0,3}")) {
      throw TrimtabException.invalid(
          "config.json has the vision_aspect_ratio '%s', expected anyres_max_N"
              .formatted(aspectRatio));
    }
    JsonNode text = required(config, "text_config");
    requireText(text, "model_type", TextModel.QWEN2.modelType);
    return new LlavaOnevision(
        text(config, text, TextModel.QWEN2),
        imageTokenId(config),
        siglip(vision),
        config.path("multimodal_projector_bias").asBoolean(true),
        config.path("projector_hidden_act").asText("gelu"),
        pinpoints(required(config, "image_grid_pinpoints")),
        aspectRatio,
        featureLayer(config, -1),
        config.path("vision_feature_select_strategy").asText("full"));
  }

  private static LlavaNext llavaNext(JsonNode config) {
    JsonNode text = required(config, "text_config");
    TextModel textModel = TextModel.of(text);
    String select = config.path("vision_feature_select_strategy").asText("default");
    TileVision vision = tileVision(config, select);
    if (vision.hasClassToken() && select.equals("full")) {
      throw TrimtabException.invalid(
          "config.json has the vision_feature_select_strategy 'full' with a tower that has a class"
              + " token, expected default: tiles are stitched without it");
    }
    return new LlavaNext(
        text(config, text, textModel),
        textModel.attentionBias,
        imageTokenId(config),
        vision,
        config.path("multimodal_projector_bias").asBoolean(true),
        config.path("projector_hidden_act").asText("gelu"),
        config.hasNonNull("image_grid_pinpoints")
            ? pinpoints(config.get("image_grid_pinpoints"))
            : LLAVA_NEXT_PINPOINTS,
        featureLayer(config, -2),
        select);
  }

  private static Llava15 llava15(JsonNode config) {
    JsonNode text = required(config, "text_config");
    TextModel textModel = TextModel.of(text);
    String select = config.path("vision_feature_select_strategy").asText("default");
    return new Llava15(
        text(config, text, textModel),
        textModel.attentionBias,
        imageTokenId(config),
        tileVision(config, select),
        config.path("multimodal_projector_bias").asBoolean(true),
        config.path("projector_hidden_act").asText("gelu"),
        featureLayer(config, -2),
        select);
  }

  /** CLIP or SigLIP. What {@code default} drops is CLIP's class token; SigLIP has none. */
  private static TileVision tileVision(JsonNode config, String select) {
    JsonNode vision = required(config, "vision_config");
    String type = vision.path("model_type").asText(CLIP);
    List<String> expected =
        switch (type) {
          case CLIP -> List.of("default", "full");
          case SIGLIP -> List.of("full");
          default ->
              throw TrimtabException.invalid(
                  "config.json has the vision tower '%s', expected %s or %s"
                      .formatted(type, CLIP, SIGLIP));
        };
    if (!expected.contains(select)) {
      throw TrimtabException.invalid(
          "config.json has the vision_feature_select_strategy '%s' with a %s, expected %s"
              .formatted(select, type, String.join(" or ", expected)));
    }
    return type.equals(CLIP) ? clip(vision) : siglip(vision);
  }

  private static SiglipVision siglip(JsonNode vision) {
    return new SiglipVision(
        size(vision, "hidden_size"),
        size(vision, "intermediate_size"),
        size(vision, "num_hidden_layers"),
        size(vision, "num_attention_heads"),
        size(vision, "num_channels", 3),
        size(vision, "image_size"),
        size(vision, "patch_size"),
        (float) vision.path("layer_norm_eps").asDouble(1e-6),
        vision.path("hidden_act").asText("gelu_pytorch_tanh"));
  }

  private static ClipVision clip(JsonNode vision) {
    return new ClipVision(
        size(vision, "hidden_size", 768),
        size(vision, "intermediate_size", 3072),
        size(vision, "num_hidden_layers", 12),
        size(vision, "num_attention_heads", 12),
        size(vision, "num_channels", 3),
        size(vision, "image_size", 224),
        size(vision, "patch_size", 32),
        (float) vision.path("layer_norm_eps").asDouble(1e-5),
        vision.path("hidden_act").asText("quick_gelu"));
  }

  private static List<GridSize> pinpoints(JsonNode pairs) {
    List<GridSize> pinpoints = new ArrayList<>();
    for (JsonNode pair : pairs) {
      if (!isCount(pair.path(0)) || !isCount(pair.path(1))) {
        throw TrimtabException.invalid(
            "config.json has %s in image_grid_pinpoints, expected [height, width]".formatted(pair));
      }
      pinpoints.add(new GridSize(pair.get(0).intValue(), pair.get(1).intValue()));
    }
    return pinpoints;
  }

  private static int featureLayer(JsonNode config, int otherwise) {
    JsonNode featureLayer = config.path("vision_feature_layer");
    if (featureLayer.isArray()) {
      throw TrimtabException.invalid(
          "config.json has several vision_feature_layer %s, expected one number"
              .formatted(featureLayer));
    }
    return featureLayer.asInt(otherwise);
  }

  private static int imageTokenId(JsonNode config) {
    return tokenId(
        config, config.has("image_token_index") ? "image_token_index" : "image_token_id");
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
    boolean nested = config.has("text_config");
    JsonNode text = nested ? config.get("text_config") : config;
    if (nested) {
      requireText(text, "model_type", TextModel.QWEN2_5_VL.modelType);
    }
    TextConfig textConfig = text(config, text, TextModel.QWEN2_5_VL);
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

  private static TextConfig text(JsonNode config, JsonNode text, TextModel model) {
    requireText(text, "hidden_act", "silu");
    requireAbsent(text, "use_sliding_window", "only full attention is built");
    if (!model.attentionBias) {
      requireAbsent(text, "attention_bias", "expected projections without");
      requireAbsent(text, "mlp_bias", "expected projections without");
    }
    int hidden = sizeOr(text, "hidden_size", model.hidden);
    int heads = sizeOr(text, "num_attention_heads", model.heads);
    return new TextConfig(
        hidden,
        sizeOr(text, "intermediate_size", model.intermediate),
        sizeOr(text, "num_hidden_layers", model.layers),
        heads,
        size(text, "num_key_value_heads", model.keyValueHeads == 0 ? heads : model.keyValueHeads),
        text.hasNonNull("head_dim") ? size(text, "head_dim") : perHead(hidden, heads),
        sizeOr(text, "vocab_size", model.vocabulary),
        (float) text.path("rms_norm_eps").asDouble(model.rmsNormEpsilon),
        ropeTheta(text, model),
        mropeSection(text),
        text.path("tie_word_embeddings").asBoolean(false)
            || config.path("tie_word_embeddings").asBoolean(false),
        Math.min(size(text, "max_position_embeddings", model.maxPositions), window(text, model)));
  }

  /** As either generation of transformers names them, both at once where a file was edited. */
  private static List<JsonNode> rotarySettings(JsonNode text) {
    List<JsonNode> settings =
        List.of(text.path("rope_parameters"), text.path("rope_scaling")).stream()
            .filter(JsonNode::isObject)
            .toList();
    for (JsonNode rope : settings) {
      for (String field : List.of("rope_type", "type")) {
        String type = rope.path(field).asText("default");
        if (!type.equals("default") && !type.equals("mrope")) {
          throw TrimtabException.invalid(
              "config.json has the rope type '%s', expected default or mrope".formatted(type));
        }
      }
    }
    return settings;
  }

  private static double ropeTheta(JsonNode text, TextModel model) {
    return rotarySettings(text).stream()
        .map(rope -> rope.path("rope_theta"))
        .filter(JsonNode::isNumber)
        .findFirst()
        .orElse(text.path("rope_theta"))
        .asDouble(model.ropeTheta);
  }

  private static List<Integer> mropeSection(JsonNode text) {
    List<Integer> sections = new ArrayList<>();
    rotarySettings(text).stream()
        .map(rope -> rope.path("mrope_section"))
        .filter(JsonNode::isArray)
        .findFirst()
        .ifPresent(section -> section.forEach(each -> sections.add(each.asInt())));
    return sections;
  }

  /** Within a sliding window, attention is full: that many tokens are served, and no more. */
  private static int window(JsonNode text, TextModel model) {
    if (model != TextModel.MISTRAL
        || (text.has("sliding_window") && !text.hasNonNull("sliding_window"))) {
      return Integer.MAX_VALUE;
    }
    return size(text, "sliding_window", 4096);
  }

  private static void requireAbsent(JsonNode text, String field, String reason) {
    if (text.path(field).asBoolean(false)) {
      throw TrimtabException.invalid("config.json has %s true; %s".formatted(field, reason));
    }
  }

  /** A size that transformers has a default for, unless that is 0. */
  private static int sizeOr(JsonNode node, String field, int otherwise) {
    return otherwise == 0 ? size(node, field) : size(node, field, otherwise);
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

  /**
   * A decoder, with what transformers takes where a field is left out; the published LLaVA
   * checkpoints leave out much. 0: the field is required.
   */
  private enum TextModel {
    LLAMA("llama", false, 4096, 11_008, 32, 32, 0, 32_000, 2048, 1e-6, 1e4),
    MISTRAL("mistral", false, 4096, 14_336, 32, 32, 8, 32_000, 131_072, 1e-6, 1e4),
    QWEN2("qwen2", true, 4096, 22_016, 32, 32, 0, 151_936, 32_768, 1e-6, 1e4),
    QWEN2_5_VL("qwen2_5_vl_text", true, 0, 0, 0, 0, 0, 0, 32_768, 1e-5, 1e6);

    private final String modelType;
    private final boolean attentionBias;
    private final int hidden;
    private final int intermediate;
    private final int layers;
    private final int heads;
    private final int keyValueHeads;
    private final int vocabulary;
    private final int maxPositions;
    private final double rmsNormEpsilon;
    private final double ropeTheta;

    TextModel(
        String modelType,
        boolean attentionBias,
        int hidden,
        int intermediate,
        int layers,
        int heads,
        int keyValueHeads,
        int vocabulary,
        int maxPositions,
        double rmsNormEpsilon,
        double ropeTheta) {
      this.modelType = modelType;
      this.attentionBias = attentionBias;
      this.hidden = hidden;
      this.intermediate = intermediate;
      this.layers = layers;
      this.heads = heads;
      this.keyValueHeads = keyValueHeads;
      this.vocabulary = vocabulary;
      this.maxPositions = maxPositions;
      this.rmsNormEpsilon = rmsNormEpsilon;
      this.ropeTheta = ropeTheta;
    }

    /** That of a LLaVA's text_config; Llama where it names none. */
    static TextModel of(JsonNode text) {
      String modelType = text.path("model_type").asText(LLAMA.modelType);
      return List.of(LLAMA, MISTRAL, QWEN2).stream()
          .filter(model -> model.modelType.equals(modelType))
          .findFirst()
          .orElseThrow(
              () ->
                  TrimtabException.invalid(
                      "config.json has the language model '%s', expected llama, mistral or qwen2"
                          .formatted(modelType)));
    }
  }
}
