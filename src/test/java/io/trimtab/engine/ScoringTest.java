package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.engine.api.ScoringRequest.Positions;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.engine.scheduling.Admission;
import io.trimtab.engine.scheduling.ScriptedExecutor;
import io.trimtab.engine.scheduling.Sequences;
import io.trimtab.engine.scheduling.StepLoop;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.TextTokenizer;
import io.trimtab.testing.Shared;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which rows a scoring asks for, whatever the chunks, and that each goes to its own token. */
class ScoringTest {
  private static final TextTokenizer TOKENIZER =
      TextTokenizer.read(Shared.path("models/dinghy-llava"));
  private static final int ROWS_MAX = 4;

  private final Admission admission = new Admission(8, 8);
  private final ScriptedExecutor executor = new ScriptedExecutor(2, ROWS_MAX);

  @AfterAll
  static void close() {
    TOKENIZER.close();
  }

  @AfterEach
  void everyPermitIsBack() {
    assertThat(admission.waiting()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 9", "5, 3", "4, 4", "12, 0", "12, 11", "2, 0"})
  void everyTokenIsScoredByTheRowBeforeIt(int promptTokens, int continuationTokens)
      throws Exception {
    for (int budget : new int[] {1, 3, 4, 5, 100}) {
      for (Positions positions : Positions.values()) {
        if (continuationTokens > 0 || positions == Positions.PROMPT_AND_CONTINUATION) {
          requireScored(promptTokens, continuationTokens, budget, positions);
        }
      }
    }
  }

  /** The logit of a token at a place is a number that only they have: its logprob shows it. */
  private void requireScored(
      int promptTokens, int continuationTokens, int budget, Positions positions) throws Exception {
    int[] tokens = Sequences.prompt(promptTokens + continuationTokens, 1);
    executor.logits = (sequence, length) -> logits(length);
    StepLoop loop = new StepLoop(executor, admission, budget, 2);
    CompletableFuture<ScoringResult> result = submit(loop, tokens, promptTokens, positions);
    loop.start();
    ScoringResult scored = result.get(60, TimeUnit.SECONDS);
    loop.stop();
    int first = positions == Positions.CONTINUATION ? promptTokens : 1;
    requireTokens(scored.promptTokens(), tokens, first, promptTokens);
    requireTokens(scored.tokens(), tokens, promptTokens, tokens.length);
    assertThat(executor.events()).noneMatch(event -> event.startsWith("decode"));
  }

  private static void requireTokens(List<TokenLogprob> scored, int[] tokens, int from, int to) {
    assertThat(scored).hasSize(to - from);
    for (int i = from; i < to; i++) {
      float[] row = logits(i);
      double sum = 0;
      for (float logit : row) {
        sum += Math.exp(logit);
      }
      TokenLogprob token = scored.get(i - from);
      assertThat(token.token()).isEqualTo(tokens[i]);
      assertThat((double) token.logprob()).isCloseTo(row[tokens[i]] - Math.log(sum), within(1e-5));
    }
  }

  private static float[] logits(int length) {
    float[] row = new float[ScriptedExecutor.VOCABULARY];
    for (int token = 0; token < row.length; token++) {
      row[token] = (float) Math.sin(length * 100 + token);
    }
    return row;
  }

  @Test
  void rowsAreAskedForInBoundedRunsAndOnlyWhereTheyAreWanted() throws Exception {
    StepLoop loop = new StepLoop(executor, admission, 100, 2);
    CompletableFuture<ScoringResult> result =
        submit(loop, Sequences.prompt(20, 1), 10, Positions.CONTINUATION);
    loop.start();
    result.get(60, TimeUnit.SECONDS);
    loop.stop();
    assertThat(executor.events().stream().filter(event -> event.startsWith("prefill")))
        .containsExactly(
            "prefill score 0..13 rows 4",
            "prefill score 13..17 rows 4",
            "prefill score 17..20 rows 2");
  }

  @Test
  void aScoringThatIsStoppedFails() throws InterruptedException {
    StepLoop loop = new StepLoop(executor, admission, 4, 2);
    CompletableFuture<ScoringResult> result =
        submit(loop, Sequences.prompt(20, 1), 10, Positions.CONTINUATION);
    loop.stop();
    assertThat(result)
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .havingCause()
        .isInstanceOfSatisfying(
            TrimtabException.class,
            reason -> assertThat(reason.code()).isEqualTo(ErrorCode.UNAVAILABLE));
  }

  @Test
  void aResultHasABound() {
    // 16,131 tokens of 65 numbers each are 1,048,515 together; 131,072 of 8 are 1 << 20.
    var _ = scoring(new CompletableFuture<>(), 9, 16_132, Positions.PROMPT_AND_CONTINUATION, 64);
    var _ = scoring(new CompletableFuture<>(), 9, 131_073, Positions.PROMPT_AND_CONTINUATION, 7);
    var _ = scoring(new CompletableFuture<>(), 200_000, 200_009, Positions.CONTINUATION, 64);
    requireRefused(16_133, 64, "16132 tokens with 64 alternatives of each");
    requireRefused(131_074, 7, "131073 tokens with 7 alternatives of each");
  }

  private static void requireRefused(int length, int alternatives, String what) {
    TrimtabException refusal =
        catchThrowableOfType(
            TrimtabException.class,
            () ->
                scoring(
                    new CompletableFuture<>(),
                    length,
                    length,
                    Positions.PROMPT_AND_CONTINUATION,
                    alternatives));
    assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refusal)
        .hasMessage(
            what + " are to be scored, expected tokens * (1 + alternatives) of at most 1048576");
  }

  private static Scoring scoring(
      CompletableFuture<ScoringResult> result,
      int promptTokens,
      int length,
      Positions positions,
      int alternatives) {
    return new Scoring(
        ServedBy.base("model", "digest"),
        result,
        TOKENIZER.newStream(),
        promptTokens,
        length,
        positions,
        alternatives);
  }

  private CompletableFuture<ScoringResult> submit(
      StepLoop loop, int[] tokens, int promptTokens, Positions positions) {
    CompletableFuture<ScoringResult> result = new CompletableFuture<>();
    Scoring scoring = scoring(result, promptTokens, tokens.length, positions, 0);
    admission.enter("t");
    loop.submit(
        Sequences.of(
            Sequences.ticket("score", "t"),
            scoring,
            Arrays.copyOf(tokens, tokens.length),
            promptTokens,
            tokens.length));
    return result;
  }
}
