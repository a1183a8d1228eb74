package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.engine.api.TokenLogprob;
import java.util.List;

/**
 * Whether two answers to one request are the same, kernels of other batch sizes allowed for: token
 * for token up to the first whose two best candidates lie closer together than {@link #MARGIN}.
 */
final class Answers {
  /** Between the two best log-probabilities; float32 kernels differ by some 1e-5. */
  static final float MARGIN = 1e-3f;

  private Answers() {}

  /** Requires it, and that log-probabilities agree; the number of tokens that were compared. */
  static int requireSame(List<TokenLogprob> answer, List<TokenLogprob> alone, String as) {
    int sure = sure(alone);
    assertThat(answer).as(as).hasSameSizeAs(alone);
    assertThat(ids(answer).subList(0, sure)).as(as).isEqualTo(ids(alone).subList(0, sure));
    for (int i = 0; i < sure; i++) {
      assertThat(answer.get(i).logprob())
          .as("log-probability of token %d, %s", i, as)
          .isCloseTo(alone.get(i).logprob(), within(MARGIN));
    }
    return sure;
  }

  static List<Integer> ids(List<TokenLogprob> tokens) {
    return tokens.stream().map(TokenLogprob::token).toList();
  }

  /** Tokens before the first one that another might have taken the place of. */
  private static int sure(List<TokenLogprob> tokens) {
    for (int i = 0; i < tokens.size(); i++) {
      List<TokenLogprob> top = tokens.get(i).top();
      if (top.get(0).logprob() - top.get(1).logprob() < MARGIN) {
        return i;
      }
    }
    return tokens.size();
  }
}
