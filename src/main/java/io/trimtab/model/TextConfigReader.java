package io.trimtab.model;

import static io.trimtab.model.ConfigFields.requireAbsent;
import static io.trimtab.model.ConfigFields.requireText;
import static io.trimtab.model.ConfigFields.size;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what config.json says of the language model: rotary settings as {@code rope_parameters} or
 * as {@code rope_theta} and {@code rope_scaling}.
 */
final class TextConfigReader {
  private TextConfigReader() {}

  /**
   * The language model's shape.
   *
   * @param config the whole file
   * @param text what is nested in it as text_config, or the file where nothing is
   */
  static TextConfig read(JsonNode config, JsonNode text, TextModel model) {
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

  /** A size that transformers has a default for, unless that is 0. */
  private static int sizeOr(JsonNode node, String field, int otherwise) {
    return otherwise == 0 ? size(node, field) : size(node, field, otherwise);
  }

  private static int perHead(int hidden, int heads) {
    if (hidden % heads != 0) {
      throw TrimtabException.invalid(
          "config.json has the hidden_size %d, which %d heads don't divide"
              .formatted(hidden, heads));
    }
    return hidden / heads;
  }
}
