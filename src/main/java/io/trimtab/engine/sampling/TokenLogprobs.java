package io.trimtab.engine.sampling;

import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.model.text.TokenTextStream;
import java.util.ArrayList;
import java.util.List;

/** Log-probabilities of a token and of its alternatives, read off a row of logits. */
public final class TokenLogprobs {
  private TokenLogprobs() {}

  /** The token as the row sees it; the row must cover its logit. */
  public static TokenLogprob of(int token, LogitsRow row, TokenTextStream texts, int alternatives) {
    return of(token, row.logprob(token), row, texts, alternatives);
  }

  /** The token with a log-probability known from elsewhere. */
  public static TokenLogprob of(
      int token, float logprob, LogitsRow row, TokenTextStream texts, int alternatives) {
    List<TokenLogprob> top = new ArrayList<>(alternatives);
    for (int i = 0; i < Math.min(alternatives, row.bests()); i++) {
      int id = row.bestId(i);
      top.add(new TokenLogprob(id, texts.textOf(id), row.bestLogprob(i), List.of()));
    }
    return new TokenLogprob(token, texts.textOf(token), logprob, top);
  }
}
