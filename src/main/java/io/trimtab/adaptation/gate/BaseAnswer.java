package io.trimtab.adaptation.gate;

import io.trimtab.drift.ClassMasses;
import io.trimtab.drift.RankedLogprobs;
import java.util.List;

/**
 * What base says to a question, with all that a candidate is compared to.
 *
 * @param raw the answer as it was generated, which both models read
 * @param rows the best tokens at each place of it; empty where it is empty
 * @param masses of each class at each place
 */
record BaseAnswer(String raw, Reply reply, List<RankedLogprobs> rows, List<ClassMasses> masses) {
  BaseAnswer {
    rows = List.copyOf(rows);
    masses = List.copyOf(masses);
  }
}
