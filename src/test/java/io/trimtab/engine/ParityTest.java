package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.engine.api.RecordingListener;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.SamplingParameters.EndTokens;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringRequest.Positions;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.testing.ReferenceCase;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every family against transformers, in float32. The reference was made with a model that had been
 * cast to bfloat16 as a whole and back, which rounds the rotary frequencies for good; so the
 * engines here keep them rounded, too.
 */
class ParityTest {
  private static final OpenedEngines ENGINES = new OpenedEngines(RotaryFrequencies.BFLOAT16);

  /** Two implementations of float32 arithmetic; 6e-6 was measured, 1e-3 is what is promised. */
  private static final float TOLERANCE = 1e-4f;

  /** How the reference was generated: greedy, twelve tokens, whatever they are. */
  static final SamplingParameters TWELVE_TOKENS =
      new SamplingParameters(
          12,
          0,
          1,
          0,
          0,
          1,
          0,
          0,
          Map.of(),
          OptionalLong.empty(),
          List.of(),
          List.of(),
          12,
          EndTokens.STOP,
          0);

  @AfterAll
  static void close() {
    ENGINES.close();
  }

  static Stream<String> checkpoints() {
    return Stream.of(
        "reference/llava-onevision",
        "reference/qwen2_5-vl",
        "reference/llava-next",
        "reference/llava-1.5");
  }

  static Stream<ReferenceCase> cases() {
    return checkpoints().flatMap(checkpoint -> ReferenceCase.of(checkpoint).stream());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyPromptTokenIsAsLikely(ReferenceCase reference) throws Exception {
    List<TokenLogprob> scored =
        engine(reference)
            .score(
                new ScoringRequest(
                    "score",
                    "default",
                    "",
                    reference.messages(),
                    "",
                    Positions.PROMPT_AND_CONTINUATION,
                    Optional.empty()))
            .get(60, TimeUnit.SECONDS)
            .promptTokens();
    long[] ids = reference.expected().longs("input_ids");
    float[] logprobs = reference.expected().floats("next_token_logprobs");
    assertThat(scored).hasSize(ids.length - 1).hasSize(logprobs.length);
    for (int i = 0; i < logprobs.length; i++) {
      assertThat(scored.get(i).token()).as("token %d", i + 1).isEqualTo((int) ids[i + 1]);
      assertThat(scored.get(i).logprob())
          .as("token %d", i + 1)
          .isCloseTo(logprobs[i], within(TOLERANCE));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theSameTokensAreGenerated(ReferenceCase reference) {
    RecordingListener answer =
        new Question(reference.messages(), TWELVE_TOKENS).ask(engine(reference));
    assertThat(answer.tokenIds().stream().mapToLong(id -> id).toArray())
        .isEqualTo(reference.expected().longs("generated"));
    assertThat(answer.completion().text()).isEqualTo(reference.generatedText());
    assertThat(answer.completion().usage().promptTokens())
        .isEqualTo(reference.expected().longs("input_ids").length);
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void theSameTokensAreGeneratedInOneBatch(String checkpoint) {
    List<ReferenceCase> references = ReferenceCase.of(checkpoint);
    List<RecordingListener> answers =
        references.stream()
            .map(each -> new Question(each.messages(), TWELVE_TOKENS).ask(engine(each)))
            .toList();
    for (int i = 0; i < references.size(); i++) {
      assertThat(answers.get(i).tokenIds().stream().mapToLong(id -> id).toArray())
          .as("%s", references.get(i))
          .isEqualTo(references.get(i).expected().longs("generated"));
    }
  }

  private static Engine engine(ReferenceCase reference) {
    return ENGINES.get(reference.checkpoint(), OpenedEngines.options(8, 512));
  }
}
