package io.trimtab.engine.sampling;

import io.trimtab.engine.api.SamplingParameters;

/**
 * What a token loses for having been said before, with vLLM's formulas and order: repetition
 * (prompt and answer; CTRL, arXiv 1909.05858), then frequency and presence (answer alone).
 *
 * <p>Prompt tokens are all that the model is given, those that stand for a picture included, as in
 * vLLM and transformers. Each counts once however often it is there, so a picture costs one token
 * that a model does not say anyway.
 */
final class Penalties {
  private final float repetition;
  private final float frequency;
  private final float presence;
  private final int vocabulary;
  private final TokenCounts counts = new TokenCounts();

  /**
   * @param prompt ids of the expanded prompt; those outside the vocabulary have no logit to lose
   */
  Penalties(SamplingParameters parameters, int vocabulary, int[] prompt) {
    repetition = parameters.repetitionPenalty();
    frequency = parameters.frequencyPenalty();
    presence = parameters.presencePenalty();
    this.vocabulary = vocabulary;
    if (repetition != 1) {
      for (int token : prompt) {
        if (token >= 0 && token < vocabulary) {
          counts.prompt(token);
        }
      }
    }
  }

  /** Whether {@link #apply} changes nothing, whatever has been said. */
  boolean areOff() {
    return repetition == 1 && frequency == 0 && presence == 0;
  }

  /** Counts a token of the answer. */
  void accepted(int token) {
    if (token < 0 || token >= vocabulary) {
      throw new IllegalStateException(
          "Accepted token %d is outside the vocabulary of %d".formatted(token, vocabulary));
    }
    if (!areOff()) {
      counts.answer(token);
    }
  }

  /** Changes {@code [vocabulary]} logits in place. */
  void apply(float[] logits) {
    if (areOff()) {
      return;
    }
    counts.forEach(
        (token, inAnswer) -> {
          double logit = logits[token];
          logit = logit > 0 ? logit / repetition : logit * repetition;
          logit -= (double) frequency * inAnswer;
          logit -= inAnswer > 0 ? presence : 0;
          logits[token] = LogitEdits.edited(logits[token], logit);
        });
  }
}
