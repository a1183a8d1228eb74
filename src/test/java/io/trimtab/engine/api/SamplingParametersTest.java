package io.trimtab.engine.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.engine.api.SamplingParameters.EndTokens;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SamplingParametersTest {
  static Stream<Arguments> refusals() {
    Stream.Builder<Arguments> refusals = Stream.builder();
    for (float value : new float[] {Float.NaN, -0.1f, Float.POSITIVE_INFINITY}) {
      refusals.add(refusal("temperature", Sampling.PLAIN.temperature(value)));
    }
    for (float value : new float[] {Float.NaN, 0, -1, 1.1f}) {
      refusals.add(refusal("top_p", Sampling.PLAIN.topP(value)));
    }
    refusals.add(refusal("top_k", Sampling.PLAIN.topK(-1)));
    for (float value : new float[] {Float.NaN, -0.1f, 1.1f}) {
      refusals.add(refusal("min_p", Sampling.PLAIN.minP(value)));
    }
    for (float value : new float[] {Float.NaN, 0, -1, Float.POSITIVE_INFINITY}) {
      refusals.add(refusal("repetition_penalty", Sampling.PLAIN.repetition(value)));
    }
    for (float value : new float[] {Float.NaN, -2.1f, 2.1f}) {
      refusals.add(refusal("presence_penalty", Sampling.PLAIN.presence(value)));
      refusals.add(refusal("frequency_penalty", Sampling.PLAIN.frequency(value)));
    }
    for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      refusals.add(refusal("logit_bias", Sampling.PLAIN.bias(Map.of(1, value))));
    }
    Map<Integer, Float> biases =
        IntStream.range(0, 1025).boxed().collect(Collectors.toMap(token -> token, token -> 1f));
    refusals.add(refusal("logit_bias", Sampling.PLAIN.bias(biases)));
    refusals.add(refusal("min_tokens", Sampling.PLAIN.minTokens(-1, List.of())));
    return refusals.build();
  }

  private static Arguments refusal(String field, Sampling sampling) {
    return Arguments.of(field, sampling);
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void whatCannotBeMeantIsRefusedByName(String field, Sampling sampling) {
    refused(field, sampling::parameters);
  }

  @Test
  void countsAndStopsHaveBounds() {
    refused("max_tokens is -1, expected 0 and above", () -> of(-1, 0, 0, List.of()));
    refused("min_tokens is 6, expected at most max_tokens (5)", () -> of(5, 6, 0, List.of()));
    refused("top_logprobs is -1", () -> of(5, 0, -1, List.of()));
    refused("top_logprobs is 65, expected 0 to 64", () -> of(5, 0, 65, List.of()));
    List<String> many = IntStream.range(0, 17).mapToObj(Integer::toString).toList();
    refused("stop is 17, expected at most 16 texts", () -> of(5, 0, 0, many));
    refused(
        "stop is [a, ], expected texts that are not empty", () -> of(5, 0, 0, List.of("a", "")));
  }

  @Test
  void everyBoundItselfIsTaken() {
    assertThatCode(() -> of(0, 0, 64, List.of("a"))).doesNotThrowAnyException();
    assertThatCode(() -> of(5, 5, 0, List.of())).doesNotThrowAnyException();
    assertThatCode(
            () ->
                Sampling.PLAIN
                    .temperature(Float.MAX_VALUE)
                    .topP(Float.MIN_VALUE)
                    .topK(Integer.MAX_VALUE)
                    .minP(1)
                    .presence(-2)
                    .frequency(2)
                    .parameters())
        .doesNotThrowAnyException();
  }

  /** An answer that is written whole is held whole, alternatives included. */
  @Test
  void logprobsOfAnAnswerHaveABound() {
    // 16,131 tokens of 65 numbers each are 1,048,515 together; 131,072 of 8 are 1 << 20.
    assertThatCode(() -> of(16_131, 0, 64, List.of())).doesNotThrowAnyException();
    assertThatCode(() -> of(131_072, 0, 7, List.of())).doesNotThrowAnyException();
    assertThatCode(() -> of(Integer.MAX_VALUE, 0, 0, List.of())).doesNotThrowAnyException();
    refused(
        "top_logprobs is 64, expected max_tokens * (1 + top_logprobs) of at most 1048576 with 16132"
            + " tokens",
        () -> of(16_132, 0, 64, List.of()));
    refused("top_logprobs is 7", () -> of(131_073, 0, 7, List.of()));
    refused("top_logprobs is 64", () -> of(0, 16_132, 64, List.of()));
    refused("top_logprobs is 1", () -> of(Integer.MAX_VALUE, 0, 1, List.of()));
  }

  @Test
  void theServersNumberOfTokensCountsWhereTheRequestHasNone() {
    assertThat(of(5, 0, 64, List.of()).maxTokensOr(300)).isEqualTo(5);
    assertThat(of(0, 0, 64, List.of()).maxTokensOr(300)).isEqualTo(300);
    assertThat(of(0, 400, 64, List.of()).maxTokensOr(300)).isEqualTo(400);
    assertThat(of(0, 0, 0, List.of()).maxTokensOr(1 << 20)).isEqualTo(1 << 20);
    assertThat(of(0, 0, 64, List.of()).maxTokensOr(1 << 20)).isEqualTo(16_131);
    assertThat(of(0, 400, 64, List.of()).maxTokensOr(1 << 20)).isEqualTo(16_131);
  }

  @Test
  void laterChangesOfWhatWasGivenChangeNothing() {
    Map<Integer, Float> bias = new HashMap<>(Map.of(1, 2f));
    SamplingParameters parameters = Sampling.PLAIN.bias(bias).parameters();
    bias.clear();
    assertThat(parameters.logitBias()).containsExactly(Map.entry(1, 2f));
  }

  private static SamplingParameters of(int max, int min, int topLogprobs, List<String> stop) {
    return new SamplingParameters(
        max,
        0,
        1,
        0,
        0,
        1,
        0,
        0,
        Map.of(),
        OptionalLong.empty(),
        stop,
        List.of(),
        min,
        EndTokens.STOP,
        topLogprobs);
  }

  private static void refused(String reason, Runnable construction) {
    TrimtabException refusal = catchThrowableOfType(TrimtabException.class, construction::run);
    assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refusal).hasMessageStartingWith(reason);
  }
}
