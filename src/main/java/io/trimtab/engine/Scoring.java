package io.trimtab.engine;

import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.engine.sampling.LogitsRow;
import io.trimtab.engine.sampling.TokenLogprobs;
import io.trimtab.engine.scheduling.Sequence;
import io.trimtab.engine.scheduling.Task;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.TokenTextStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Given tokens on their way through the model, to be told how likely each was. */
final class Scoring implements Task {
  private final ServedBy servedBy;
  private final CompletableFuture<ScoringResult> result;
  private final TokenTextStream texts;
  private final int promptTokens;
  private final int length;
  private final int firstScored;
  private final int alternatives;
  private final List<TokenLogprob> scored = new ArrayList<>();

  /**
   * @param promptTokens tokens before the continuation
   * @param length prompt and continuation
   * @param positions which tokens are scored
   * @param alternatives to report for each
   * @throws TrimtabException INVALID_ARGUMENT for more than {@link SamplingParameters#LOGPROBS_MAX}
   *     together
   */
  Scoring(
      ServedBy servedBy,
      CompletableFuture<ScoringResult> result,
      TokenTextStream texts,
      int promptTokens,
      int length,
      ScoringRequest.Positions positions,
      int alternatives) {
    this.servedBy = servedBy;
    this.result = result;
    this.texts = texts;
    this.promptTokens = promptTokens;
    this.length = length;
    this.alternatives = alternatives;
    this.firstScored =
        switch (positions) {
          case CONTINUATION -> promptTokens;
          case PROMPT_AND_CONTINUATION -> 1;
        };
    int tokens = length - firstScored;
    if ((long) tokens * (1 + alternatives) > SamplingParameters.LOGPROBS_MAX) {
      throw TrimtabException.invalid(
          ("%d tokens with %d alternatives of each are to be scored, expected tokens * (1 +"
                  + " alternatives) of at most %d")
              .formatted(tokens, alternatives, SamplingParameters.LOGPROBS_MAX));
    }
  }

  @Override
  public LogitsRow.Coverage needs() {
    return LogitsRow.Coverage.BEST;
  }

  /** The logits at a position are about the token that follows it. */
  @Override
  public int firstLogitsPosition() {
    return firstScored - 1;
  }

  @Override
  public int endLogitsPosition() {
    return length - 1;
  }

  @Override
  public void admitted(int cachedPromptTokens) {}

  @Override
  public Outcome accept(Sequence sequence, LogitsRow row) {
    int token = sequence.token(firstScored + scored.size());
    if (!Float.isFinite(row.logsumexp()) || Float.isNaN(row.targetLogprob())) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "The model computes no numbers for token %d".formatted(firstScored + scored.size()));
    }
    scored.add(TokenLogprobs.of(token, row.targetLogprob(), row, texts, alternatives));
    if (firstScored + scored.size() < length) {
      return Outcome.CONTINUES;
    }
    int ofPrompt = promptTokens - firstScored;
    result.complete(
        new ScoringResult(
            servedBy, scored.subList(0, ofPrompt), scored.subList(ofPrompt, scored.size())));
    return Outcome.ENDED;
  }

  @Override
  public void stopped(TrimtabException reason) {
    result.completeExceptionally(reason);
  }
}
