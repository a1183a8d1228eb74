package io.trimtab.engine.api;

import java.util.List;

/**
 * Log-probabilities of given tokens.
 *
 * @param promptTokens the prompt's tokens after the first; empty unless asked for
 * @param tokens the continuation's tokens
 */
public record ScoringResult(
    ServedBy servedBy, List<TokenLogprob> promptTokens, List<TokenLogprob> tokens) {
  public ScoringResult {
    promptTokens = List.copyOf(promptTokens);
    tokens = List.copyOf(tokens);
  }

  /** Of the continuation: the sum over its tokens. */
  public float totalLogprob() {
    double sum = 0;
    for (TokenLogprob token : tokens) {
      sum += token.logprob();
    }
    return (float) sum;
  }
}
