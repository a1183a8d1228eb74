package io.trimtab.adaptation.gate;

import io.trimtab.error.TrimtabException;
import java.util.List;

/**
 * What a candidate is judged on; it was trained on none of it.
 *
 * @param validation corrections of the new task that were held back, each with its answer
 * @param probes questions of other tasks
 */
public record EvaluationSet(List<EvaluationItem> validation, List<EvaluationItem> probes) {
  public EvaluationSet {
    validation = List.copyOf(validation);
    probes = List.copyOf(probes);
    for (EvaluationItem item : validation) {
      if (item.expected().isEmpty()) {
        throw TrimtabException.invalid(
            "Validation item '%s' has no answer, expected one".formatted(item.id()));
      }
    }
  }

  /** Items in all. */
  public int size() {
    return validation.size() + probes.size();
  }
}
