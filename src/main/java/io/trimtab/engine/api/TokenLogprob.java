package io.trimtab.engine.api;

import java.util.List;

/**
 * A token with its natural-log probability under the model's own distribution, before temperature
 * and penalties. Where the answer must have a form, that distribution is the model's over the
 * tokens that could come in this place: without the others, and with a sum of 1 again.
 *
 * @param token id in the vocabulary
 * @param text the token alone, decoded
 * @param logprob at most 0
 * @param top the most likely tokens at the same place, best first; their own {@code top} is empty
 */
public record TokenLogprob(int token, String text, float logprob, List<TokenLogprob> top) {
  public TokenLogprob {
    top = List.copyOf(top);
  }
}
