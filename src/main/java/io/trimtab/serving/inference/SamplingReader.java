package io.trimtab.serving.inference;

import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.SamplingParameters.EndTokens;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.Sampling;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Reads {@code Sampling}: an unset field becomes the value at which it does nothing, an unsigned
 * number beyond Java's int is refused. What the values may be is {@link SamplingParameters}' own
 * business.
 */
final class SamplingReader {
  private static final int STOP_TOKEN_IDS_MAX = 1024;
  private static final int STOP_CHARACTERS_MAX = 1024;

  private SamplingReader() {}

  static SamplingParameters read(Sampling sampling) {
    if (sampling.getStopTokenIdsCount() > STOP_TOKEN_IDS_MAX) {
      throw TrimtabException.invalid(
          "stop_token_ids has %d entries, expected at most %d"
              .formatted(sampling.getStopTokenIdsCount(), STOP_TOKEN_IDS_MAX));
    }
    for (String stop : sampling.getStopList()) {
      if (stop.length() > STOP_CHARACTERS_MAX) {
        throw TrimtabException.invalid(
            "A stop text has %d characters, expected at most %d"
                .formatted(stop.length(), STOP_CHARACTERS_MAX));
      }
    }
    return SamplingParameters.builder()
        .maxTokens(unsigned("max_tokens", sampling.getMaxTokens()))
        .temperature(sampling.getTemperature())
        .topP(sampling.hasTopP() ? sampling.getTopP() : 1)
        .topK(sampling.hasTopK() ? unsigned("top_k", sampling.getTopK()) : 0)
        .minP(sampling.hasMinP() ? sampling.getMinP() : 0)
        .repetitionPenalty(sampling.hasRepetitionPenalty() ? sampling.getRepetitionPenalty() : 1)
        .presencePenalty(sampling.hasPresencePenalty() ? sampling.getPresencePenalty() : 0)
        .frequencyPenalty(sampling.hasFrequencyPenalty() ? sampling.getFrequencyPenalty() : 0)
        .logitBias(logitBias(sampling.getLogitBiasMap()))
        // All 64 bits are the seed; above 2^63 it reads as negative and is as good.
        .seed(sampling.hasSeed() ? OptionalLong.of(sampling.getSeed()) : OptionalLong.empty())
        .stop(sampling.getStopList())
        .stopTokenIds(
            sampling.getStopTokenIdsList().stream()
                .map(id -> unsigned("stop_token_ids", id))
                .toList())
        .minTokens(unsigned("min_tokens", sampling.getMinTokens()))
        .endTokens(sampling.getIgnoreEos() ? EndTokens.IGNORE : EndTokens.STOP)
        .topLogprobs(unsigned("top_logprobs", sampling.getTopLogprobs()))
        .build();
  }

  private static Map<Integer, Float> logitBias(Map<Integer, Float> wire) {
    Map<Integer, Float> biases = HashMap.newHashMap(wire.size());
    wire.forEach((token, bias) -> biases.put(unsigned("logit_bias", token), bias));
    return biases;
  }

  /** A uint32 as protobuf hands it out: negative stands for 2^31 and above. */
  static int unsigned(String field, int value) {
    if (value < 0) {
      throw TrimtabException.invalid(
          "%s is %s, expected at most %d"
              .formatted(field, Integer.toUnsignedString(value), Integer.MAX_VALUE));
    }
    return value;
  }
}
