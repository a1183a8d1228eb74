package io.trimtab.engine;

import io.trimtab.engine.api.AnswerReading;
import io.trimtab.engine.sampling.LogitsRow;
import io.trimtab.model.text.Prompt;
import java.util.Arrays;

/** A {@link AnswerReading} in the making, of so many tokens at most. One thread. */
final class ReadingBuffer {
  private final int tokensMax;
  private int[] tokens = new int[8];
  private int[] bestIds = new int[0];
  private float[] bestLogprobs = new float[0];
  private float[] masses = new float[0];
  private int bests;
  private int sets;
  private int size;

  ReadingBuffer(int tokensMax) {
    this.tokensMax = tokensMax;
  }

  /** Reads a token off the row that it was chosen from; does nothing when there is no more room. */
  void read(int token, LogitsRow row) {
    if (size == tokensMax) {
      return;
    }
    if (size == 0) {
      bests = row.bests();
      sets = row.sets();
      grow(tokens.length);
    } else if (size == tokens.length) {
      grow(Math.min(tokensMax, 2 * size));
    }
    tokens[size] = token;
    for (int rank = 0; rank < bests; rank++) {
      bestIds[size * bests + rank] = row.bestId(rank);
      bestLogprobs[size * bests + rank] = row.bestLogprob(rank);
    }
    for (int set = 0; set < sets; set++) {
      masses[size * sets + set] = row.mass(set);
    }
    size++;
  }

  private void grow(int places) {
    tokens = Arrays.copyOf(tokens, places);
    bestIds = Arrays.copyOf(bestIds, places * bests);
    bestLogprobs = Arrays.copyOf(bestLogprobs, places * bests);
    masses = Arrays.copyOf(masses, places * sets);
  }

  AnswerReading reading(Prompt prompt) {
    return new AnswerReading(
        prompt,
        Arrays.copyOf(tokens, size),
        bests,
        Arrays.copyOf(bestIds, size * bests),
        Arrays.copyOf(bestLogprobs, size * bests),
        sets,
        Arrays.copyOf(masses, size * sets));
  }
}
