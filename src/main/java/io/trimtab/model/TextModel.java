package io.trimtab.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.error.TrimtabException;
import java.util.List;

/**
 * A decoder, with what transformers takes where a field is left out; the published LLaVA
 * checkpoints leave out much. 0: the field is required.
 */
enum TextModel {
  LLAMA("llama", false, 4096, 11_008, 32, 32, 0, 32_000, 2048, 1e-6, 1e4),
  MISTRAL("mistral", false, 4096, 14_336, 32, 32, 8, 32_000, 131_072, 1e-6, 1e4),
  QWEN2("qwen2", true, 4096, 22_016, 32, 32, 0, 151_936, 32_768, 1e-6, 1e4),
  QWEN2_5_VL("qwen2_5_vl_text", true, 0, 0, 0, 0, 0, 0, 32_768, 1e-5, 1e6);

  final String modelType;
  final boolean attentionBias;
  final int hidden;
  final int intermediate;
  final int layers;
  final int heads;
  final int keyValueHeads;
  final int vocabulary;
  final int maxPositions;
  final double rmsNormEpsilon;
  final double ropeTheta;

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
