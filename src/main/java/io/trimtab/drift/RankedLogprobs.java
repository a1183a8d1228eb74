package io.trimtab.drift;

import io.trimtab.engine.api.TokenLogprob;
import java.util.List;

/**
 * The most likely tokens at one place with their natural-log probabilities, best first, in as
 * little memory as that takes. The arrays belong to the record; readers do not write to them.
 */
@SuppressWarnings("ArrayRecordComponent") // hundreds of thousands are kept, none is compared
public record RankedLogprobs(int[] tokens, float[] logprobs) {
  /** Keeps the alternatives of a token. */
  public static RankedLogprobs of(List<TokenLogprob> alternatives) {
    int[] tokens = new int[alternatives.size()];
    float[] logprobs = new float[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = alternatives.get(i).token();
      logprobs[i] = alternatives.get(i).logprob();
    }
    return new RankedLogprobs(tokens, logprobs);
  }

  int size() {
    return tokens.length;
  }

  /** Where a token stands, or -1. Rows are short: a search is cheaper than an index. */
  int rankOf(int token) {
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] == token) {
        return i;
      }
    }
    return -1;
  }
}
