package io.trimtab.serving.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.SamplingParameters.EndTokens;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.Sampling;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class SamplingReaderTest {
  private static final SamplingParameters EVERYTHING =
      new SamplingParameters(
          11,
          0.7f,
          0.9f,
          40,
          0.05f,
          1.1f,
          0.5f,
          -0.5f,
          Map.of(5, -2f, 6, 3f),
          OptionalLong.of(-1),
          List.of("\n", "END"),
          List.of(1, 2),
          3,
          EndTokens.IGNORE,
          4);

  @Test
  void unsetIsGreedyWithTheServersLength() {
    assertThat(SamplingReader.read(Sampling.getDefaultInstance()))
        .isEqualTo(SamplingParameters.greedy(0));
  }

  @Test
  void everyFieldArrives() {
    Sampling wire =
        Sampling.newBuilder()
            .setMaxTokens(11)
            .setTemperature(0.7f)
            .setTopP(0.9f)
            .setTopK(40)
            .setMinP(0.05f)
            .setRepetitionPenalty(1.1f)
            .setPresencePenalty(0.5f)
            .setFrequencyPenalty(-0.5f)
            .putLogitBias(5, -2)
            .putLogitBias(6, 3)
            .setSeed(-1)
            .addStop("\n")
            .addStop("END")
            .addStopTokenIds(1)
            .addStopTokenIds(2)
            .setMinTokens(3)
            .setIgnoreEos(true)
            .setTopLogprobs(4)
            .build();

    assertThat(SamplingReader.read(wire)).isEqualTo(EVERYTHING);
  }

  @Test
  void writtenAndReadIsTheSame() {
    assertThat(SamplingReader.read(RequestWriter.sampling(EVERYTHING))).isEqualTo(EVERYTHING);
    SamplingParameters greedy = SamplingParameters.greedy(5);
    assertThat(SamplingReader.read(RequestWriter.sampling(greedy))).isEqualTo(greedy);
  }

  @Test
  void valuesOutOfRangeAreRefusedByName() {
    assertRefused("temperature is NaN", Sampling.newBuilder().setTemperature(Float.NaN));
    assertRefused("temperature is -1.0", Sampling.newBuilder().setTemperature(-1));
    assertRefused("top_p is 0.0", Sampling.newBuilder().setTopP(0));
    assertRefused("min_p is NaN", Sampling.newBuilder().setMinP(Float.NaN));
    assertRefused("repetition_penalty is 0.0", Sampling.newBuilder().setRepetitionPenalty(0));
    assertRefused("presence_penalty is NaN", Sampling.newBuilder().setPresencePenalty(Float.NaN));
    assertRefused("frequency_penalty is 3.0", Sampling.newBuilder().setFrequencyPenalty(3));
    assertRefused("logit_bias", Sampling.newBuilder().putLogitBias(1, Float.NaN));
    assertRefused("top_logprobs is 65", Sampling.newBuilder().setTopLogprobs(65));
  }

  @Test
  void unsignedNumbersBeyondIntAreRefusedAsTheyWereSent() {
    assertRefused("max_tokens is 4294967295", Sampling.newBuilder().setMaxTokens(-1));
    assertRefused("top_k is 4294967295", Sampling.newBuilder().setTopK(-1));
    assertRefused("min_tokens is 4294967295", Sampling.newBuilder().setMinTokens(-1));
    assertRefused("stop_token_ids is 4294967295", Sampling.newBuilder().addStopTokenIds(-1));
    assertRefused("logit_bias is 4294967295", Sampling.newBuilder().putLogitBias(-1, 1));
  }

  @Test
  void stopsAreBounded() {
    Sampling.Builder ids = Sampling.newBuilder();
    for (int i = 0; i < 1025; i++) {
      ids.addStopTokenIds(i);
    }
    assertRefused("stop_token_ids has 1025 entries, expected at most 1024", ids);
    assertRefused("1025 characters", Sampling.newBuilder().addStop("x".repeat(1025)));
  }

  private static void assertRefused(String message, Sampling.Builder sampling) {
    assertThatThrownBy(() -> SamplingReader.read(sampling.build()))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining(message);
  }
}
