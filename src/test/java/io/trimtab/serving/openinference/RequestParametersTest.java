package io.trimtab.serving.openinference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import inference.InferParameter;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.Sampling;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RequestParametersTest {
  @Test
  void everyParameterIsReadIntoItsField() {
    GenerateRequest read =
        read(
            Map.ofEntries(
                Map.entry("max_tokens", OpenRequests.int64(12)),
                Map.entry("min_tokens", OpenRequests.int64(2)),
                Map.entry("temperature", OpenRequests.real(0.5)),
                Map.entry("top_p", OpenRequests.real(0.9)),
                Map.entry("top_k", OpenRequests.int64(40)),
                Map.entry("min_p", OpenRequests.real(0.05)),
                Map.entry("repetition_penalty", OpenRequests.real(1.1)),
                Map.entry("presence_penalty", OpenRequests.real(-0.5)),
                Map.entry("frequency_penalty", OpenRequests.real(0.25)),
                Map.entry("seed", OpenRequests.int64(-7)),
                Map.entry("ignore_eos", OpenRequests.bool(true)),
                Map.entry("stop", OpenRequests.string("\n")),
                Map.entry("stop_token_ids", OpenRequests.string("[5, 6]")),
                Map.entry("retain", OpenRequests.bool(true)),
                Map.entry("triton_enable_empty_final_response", OpenRequests.bool(true))));

    assertThat(read.getSampling())
        .isEqualTo(
            Sampling.newBuilder()
                .setMaxTokens(12)
                .setMinTokens(2)
                .setTemperature(0.5f)
                .setTopP(0.9f)
                .setTopK(40)
                .setMinP(0.05f)
                .setRepetitionPenalty(1.1f)
                .setPresencePenalty(-0.5f)
                .setFrequencyPenalty(0.25f)
                .setSeed(-7)
                .setIgnoreEos(true)
                .addStop("\n")
                .addStopTokenIds(5)
                .addStopTokenIds(6)
                .build());
    assertThat(read.getRetain()).isTrue();
  }

  @Test
  void nothingGivenIsNothingSet() {
    assertThat(read(Map.of()))
        .isEqualTo(GenerateRequest.newBuilder().setSampling(Sampling.getDefaultInstance()).build());
    assertThat(RequestParameters.read(Map.of()).timeout()).isEmpty();
  }

  @Test
  void numbersComeInEveryTypeThatKeepsThem() {
    for (InferParameter twelve :
        List.of(
            OpenRequests.int64(12),
            OpenRequests.uint64(12),
            OpenRequests.real(12),
            OpenRequests.string("12"))) {
      assertThat(sampling("max_tokens", twelve).getMaxTokens()).isEqualTo(12);
      assertThat(sampling("temperature", twelve).getTemperature()).isEqualTo(12);
      assertThat(sampling("stop_token_ids", twelve).getStopTokenIdsList()).containsExactly(12);
    }
    for (String spelled : List.of("0.25", "2.5e-1", ".25", "+0.25")) {
      assertThat(sampling("top_p", OpenRequests.string(spelled)).getTopP()).isEqualTo(0.25f);
    }
    for (String spelled : List.of("true", "True")) {
      assertThat(sampling("ignore_eos", OpenRequests.string(spelled)).getIgnoreEos()).isTrue();
    }
    assertThat(sampling("ignore_eos", OpenRequests.string("False")).getIgnoreEos()).isFalse();
    assertThat(sampling("seed", OpenRequests.string("18446744073709551615")).getSeed())
        .isEqualTo(-1);
    assertThat(sampling("seed", OpenRequests.uint64(-1)).getSeed()).isEqualTo(-1);
  }

  /** vLLM has -1 for all tokens. */
  @Test
  void topKOfMinusOneIsOff() {
    assertThat(sampling("top_k", OpenRequests.int64(-1)).getTopK()).isZero();
    assertThat(sampling("top_k", OpenRequests.string("-1")).getTopK()).isZero();
    refused("top_k", OpenRequests.int64(-2), "is -2, expected 0 to 2147483647");
  }

  @Test
  void stopIsOneTextOrAnArrayOfTexts() {
    assertThat(stops("END")).containsExactly("END");
    assertThat(stops("[\"END\", \"\\n\\n\"]")).containsExactly("END", "\n\n");
    // What is no array of texts is a text.
    assertThat(stops("[1]")).containsExactly("[1]");
    assertThat(stops("[")).containsExactly("[");
    assertThat(stops("[END]")).containsExactly("[END]");
    assertThat(stops("[]")).isEmpty();
  }

  @Test
  void timeoutIsMicroseconds() {
    assertThat(timeout(OpenRequests.int64(1_500_000))).isEqualTo(Duration.ofMillis(1500));
    assertThat(timeout(OpenRequests.uint64(Long.MAX_VALUE))).isGreaterThan(Duration.ofDays(365));
    assertThat(RequestParameters.read(Map.of("timeout", OpenRequests.int64(0))).timeout())
        .isEmpty();
    refused("timeout", OpenRequests.int64(-1), "is -1, expected a whole number of microseconds");
  }

  @Test
  void whatIsNoNumberSaysWhatCame() {
    for (InferParameter bad :
        List.of(
            OpenRequests.string("many"),
            OpenRequests.string(""),
            OpenRequests.string("1e3"),
            OpenRequests.string("9".repeat(70)),
            OpenRequests.real(1.5),
            OpenRequests.real(Double.NaN),
            OpenRequests.bool(true),
            InferParameter.getDefaultInstance())) {
      refused("max_tokens", bad, "expected a whole number from 0");
    }
    refused("max_tokens", OpenRequests.int64(-1), "'max_tokens' is -1, expected 0 to 2147483647");
    refused(
        "max_tokens",
        OpenRequests.int64(1L << 31),
        "'max_tokens' is 2147483648, expected 0 to 2147483647");
    for (String bad : List.of("warm", "1f", "NaN", "0x1p3", "", "-", "1e", "1".repeat(70))) {
      refused("temperature", OpenRequests.string(bad), "expected a number");
    }
    refused("temperature", OpenRequests.bool(true), "'temperature' is true, expected a number");
    refused("ignore_eos", OpenRequests.int64(1), "'ignore_eos' is 1, expected true or false");
    refused("retain", OpenRequests.string("yes"), "'retain' is 'yes', expected true or false");
    refused("stop", OpenRequests.int64(1), "'stop' is 1, expected a string");
    refused("stop_token_ids", OpenRequests.string("[1.5]"), "expected an array of whole numbers");
    refused("stop_token_ids", OpenRequests.string("[\"a\"]"), "expected an array of whole numbers");
    refused("stop_token_ids", OpenRequests.string("x"), "expected a whole number from 0");
    refused("seed", InferParameter.getDefaultInstance(), "'seed' is without a value");
  }

  @Test
  void whatIsNotKnownIsRefusedWithWhatIs() {
    for (String name : List.of("sequence_id", "logprobs", "lora_name", "priority", "Max_Tokens")) {
      refused(
          name,
          OpenRequests.int64(1),
          "no parameter '%s', expected one of max_tokens,".formatted(name));
    }
  }

  private static GenerateRequest read(Map<String, InferParameter> parameters) {
    GenerateRequest.Builder request = GenerateRequest.newBuilder();
    RequestParameters.read(parameters).writeTo(request);
    return request.build();
  }

  private static Sampling sampling(String name, InferParameter value) {
    return read(Map.of(name, value)).getSampling();
  }

  private static List<String> stops(String text) {
    return sampling("stop", OpenRequests.string(text)).getStopList();
  }

  private static Duration timeout(InferParameter value) {
    return RequestParameters.read(Map.of("timeout", value)).timeout().orElseThrow();
  }

  private static void refused(String name, InferParameter value, String words) {
    assertThatThrownBy(() -> RequestParameters.read(Map.of(name, value)))
        .as("%s of %s", name, value)
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining(words);
  }
}
