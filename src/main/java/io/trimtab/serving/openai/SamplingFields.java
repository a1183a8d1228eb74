package io.trimtab.serving.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.SamplingParameters.EndTokens;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.http.FieldException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads how tokens are chosen: OpenAI's fields and those that vLLM adds. What the values may be is
 * {@link SamplingParameters}' own business.
 */
final class SamplingFields {
  /** OpenAI's default, and vLLM's. */
  private static final int COMPLETION_TOKENS = 16;

  private static final int STOP_TOKEN_IDS_MAX = 1024;
  private static final int STOP_CHARACTERS_MAX = 1024;

  private final JsonFields fields;
  private final SamplingDefaults defaults;

  SamplingFields(JsonFields fields, SamplingDefaults defaults) {
    this.fields = fields;
    this.defaults = defaults;
  }

  /**
   * The sampling of a chat, whose number of tokens has two names. Where it has none, the server's
   * default is the number.
   *
   * @param topLogprobs alternatives to report with each token
   */
  SamplingParameters readChat(int topLogprobs) {
    String maxTokensField =
        fields.has("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
    return read(maxTokensField, maxTokens(maxTokensField, 0), "top_logprobs", topLogprobs);
  }

  /** The sampling of a plain completion, which has 16 tokens where it does not say otherwise. */
  SamplingParameters readCompletion(int logprobs) {
    return read("max_tokens", maxTokens("max_tokens", COMPLETION_TOKENS), "logprobs", logprobs);
  }

  private SamplingParameters read(
      String maxTokensField, int maxTokens, String topLogprobsField, int topLogprobs) {
    try {
      return SamplingParameters.builder()
          .maxTokens(maxTokens)
          .temperature(number("temperature", defaults.temperature()))
          .topP(number("top_p", defaults.topP()))
          .topK(topK())
          .minP(number("min_p", defaults.minP()))
          .repetitionPenalty(number("repetition_penalty", defaults.repetitionPenalty()))
          .presencePenalty(number("presence_penalty", 0))
          .frequencyPenalty(number("frequency_penalty", 0))
          .logitBias(logitBias())
          .seed(fields.longWhole("seed"))
          .stop(stop())
          .stopTokenIds(stopTokenIds())
          .minTokens(fields.whole("min_tokens").orElse(0))
          .endTokens(fields.flag("ignore_eos").orElse(false) ? EndTokens.IGNORE : EndTokens.STOP)
          .topLogprobs(topLogprobs)
          .build();
    } catch (TrimtabException refusal) {
      // Refusals of the parameters begin with the field's name.
      String field = String.valueOf(refusal.getMessage()).split(" ", 2)[0];
      throw new FieldException(
          fields.path(
              switch (field) {
                case "max_tokens" -> maxTokensField;
                case "top_logprobs" -> topLogprobsField;
                default -> field;
              }),
          refusal);
    }
  }

  private int maxTokens(String name, int otherwise) {
    int tokens = fields.whole(name).orElse(otherwise);
    if (fields.has(name) && tokens < 1) {
      throw FieldException.invalid(
          fields.path(name), "%s is %d, expected 1 and above".formatted(name, tokens));
    }
    return tokens;
  }

  private float number(String name, float otherwise) {
    return (float) fields.number(name).orElse(otherwise);
  }

  /** vLLM's -1 is off, as 0 is. */
  private int topK() {
    int topK = fields.whole("top_k").orElse(defaults.topK());
    return topK == -1 ? 0 : topK;
  }

  private List<String> stop() {
    JsonNode stop = fields.get("stop");
    if (stop.isNull()) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    if (stop.isTextual()) {
      texts.add(stop.textValue());
    } else {
      List<JsonNode> elements = fields.elements("stop");
      for (int i = 0; i < elements.size(); i++) {
        texts.add(JsonFields.text(elements.get(i), "%s[%d]".formatted(fields.path("stop"), i)));
      }
    }
    for (String text : texts) {
      if (text.length() > STOP_CHARACTERS_MAX) {
        throw FieldException.invalid(
            fields.path("stop"),
            "A stop text has %d characters, expected at most %d"
                .formatted(text.length(), STOP_CHARACTERS_MAX));
      }
    }
    return texts;
  }

  private List<Integer> stopTokenIds() {
    List<JsonNode> ids = fields.elements("stop_token_ids");
    if (ids.size() > STOP_TOKEN_IDS_MAX) {
      throw FieldException.invalid(
          fields.path("stop_token_ids"),
          "stop_token_ids has %d entries, expected at most %d"
              .formatted(ids.size(), STOP_TOKEN_IDS_MAX));
    }
    return TokenIds.of(ids, fields.path("stop_token_ids"));
  }

  private Map<Integer, Float> logitBias() {
    Map<Integer, Float> biases = new HashMap<>();
    fields
        .fields("logit_bias")
        .ifPresent(
            bias ->
                bias.object()
                    .fieldNames()
                    .forEachRemaining(
                        token ->
                            biases.put(
                                TokenIds.of(token, bias.place()),
                                (float) bias.number(token).orElse(0))));
    return biases;
  }
}
