package io.trimtab.engine.api;

import io.trimtab.model.text.Prompt;

/**
 * An answer's tokens and what a model said at the place of each: its best tokens and the mass of
 * each of the engine's {@link TokenSet}s. The arrays belong to the record; readers do not write to
 * them.
 *
 * @param prompt what was answered, as the model read it
 * @param tokens of the answer, the end token included where the model gave one; its first tokens
 *     alone where it was longer than what was to be read
 * @param bests number of top tokens known at each position
 * @param bestIds {@code [tokens, bests]}, best first
 * @param bestLogprobs {@code [tokens, bests]} natural-log probabilities of those
 * @param sets number of token sets known at each position
 * @param masses {@code [tokens, sets]} probabilities, 0 to 1
 */
@SuppressWarnings("ArrayRecordComponent") // thousands are made, none is compared
public record AnswerReading(
    Prompt prompt,
    int[] tokens,
    int bests,
    int[] bestIds,
    float[] bestLogprobs,
    int sets,
    float[] masses) {
  public AnswerReading {
    if (bestIds.length != tokens.length * bests
        || bestLogprobs.length != bestIds.length
        || masses.length != tokens.length * sets) {
      throw new IllegalStateException(
          "A reading of %d tokens has %d and %d values of %d best tokens, and %d of %d sets"
              .formatted(
                  tokens.length, bestIds.length, bestLogprobs.length, bests, masses.length, sets));
    }
  }

  /** How many tokens were read. */
  public int places() {
    return tokens.length;
  }

  /** Mass of a token set at a place. */
  public float mass(int place, int set) {
    return masses[place * sets + set];
  }

  /** The likeliest token at a place. */
  public int best(int place) {
    return bestIds[place * bests];
  }
}
