package io.trimtab.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * A chosen token with its natural-log probability under the model's own distribution, before bias,
 * penalties and temperature; the ids only, not yet text.
 *
 * @param logprob at most 0
 * @param top the most likely tokens at the same place, best first; the chosen one need not be among
 *     them
 */
record SampledToken(int id, float logprob, List<Alternative> top) {
  /** One of the most likely tokens at a place. */
  record Alternative(int id, float logprob) {}

  SampledToken {
    top = List.copyOf(top);
  }

  /**
   * Reads the log-probabilities of a choice from the row it was made on.
   *
   * @param alternatives how many, at most as many as the row has best tokens
   * @throws IllegalStateException when the row does not cover the token
   */
  static SampledToken of(LogitsRow row, int id, int alternatives) {
    if (alternatives == 0) {
      return new SampledToken(id, row.logprob(id), List.of());
    }
    int size = Math.min(alternatives, row.bests());
    List<Alternative> top = new ArrayList<>(size);
    for (int rank = 0; rank < size; rank++) {
      top.add(new Alternative(row.bestId(rank), row.bestLogprob(rank)));
    }
    return new SampledToken(id, row.logprob(id), top);
  }
}
