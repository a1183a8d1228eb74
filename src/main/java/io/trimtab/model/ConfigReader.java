package io.trimtab.model;

import static io.trimtab.model.ConfigFields.isCount;
import static io.trimtab.model.ConfigFields.requireText;
import static io.trimtab.model.ConfigFields.required;
import static io.trimtab.model.ConfigFields.size;
import static io.trimtab.model.ConfigFields.tokenId;

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
 * Reads config.json as transformers 4 and 5 write it, text fields nested or at the top. What
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
    String select = config.path("vision_feature_select_strategy").asText("full");
    requireSelect(SIGLIP, select);
    String aspectRatio = config.path("vision_aspect_ratio").asText("anyres_max_9");
    if (!aspectRatio.matches("anyres_max_[1-9][0-9]{0,3}")) {
      throw TrimtabException.invalid(
          "config.json has the vision_aspect_ratio '%s', expected anyres_max_N"
              .formatted(aspectRatio));
    }
    JsonNode text = required(config, "text_config");
    requireText(text, "model_type", TextModel.QWEN2.modelType);
    return new LlavaOnevision(
        TextConfigReader.read(config, text, TextModel.QWEN2),
        imageTokenId(config),
        siglip(vision),
        config.path("multimodal_projector_bias").asBoolean(true),
        config.path("projector_hidden_act").asText("gelu"),
        pinpoints(required(config, "image_grid_pinpoints")),
        aspectRatio,
        featureLayer(config, -1),
        select);
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
        TextConfigReader.read(config, text, textModel),
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
        TextConfigReader.read(config, text, textModel),
        textModel.attentionBias,
        imageTokenId(config),
        tileVision(config, select),
        config.path("multimodal_projector_bias").asBoolean(true),
        config.path("projector_hidden_act").asText("gelu"),
        featureLayer(config, -2),
        select);
  }

  /** CLIP or SigLIP. */
  private static TileVision tileVision(JsonNode config, String select) {
    JsonNode vision = required(config, "vision_config");
    String type = vision.path("model_type").asText(CLIP);
    if (!type.equals(CLIP) && !type.equals(SIGLIP)) {
      throw TrimtabException.invalid(
          "config.json has the vision tower '%s', expected %s or %s".formatted(type, CLIP, SIGLIP));
    }
    requireSelect(type, select);
    return type.equals(CLIP) ? clip(vision) : siglip(vision);
  }

  /** What {@code default} drops is CLIP's class token; SigLIP has none. */
  private static void requireSelect(String tower, String select) {
    List<String> expected = tower.equals(CLIP) ? List.of("default", "full") : List.of("full");
    if (!expected.contains(select)) {
      throw TrimtabException.invalid(
          "config.json has the vision_feature_select_strategy '%s' with a %s, expected %s"
              .formatted(select, tower, String.join(" or ", expected)));
    }
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
    TextConfig textConfig = TextConfigReader.read(config, text, TextModel.QWEN2_5_VL);
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
}
