package io.trimtab.adaptation;

import java.util.List;

/**
 * What the checks of an adapter found.
 *
 * @param tensorsMatched tensors that belong to a layer of the base model
 * @param errors why it is refused, one line each; empty for one that is accepted
 * @param outputChange largest change of a log-probability on the fixed probe, adapter against base;
 *     0 where it was not measured or the adapter does nothing
 */
public record AdapterExamination(
    int tensorsMatched, int tensorsTotal, List<String> errors, float outputChange) {
  public AdapterExamination {
    errors = List.copyOf(errors);
  }

  /** Before any tensor could be looked at. */
  public static AdapterExamination refused(String error) {
    return new AdapterExamination(0, 0, List.of(error), 0);
  }

  public boolean accepted() {
    return errors.isEmpty();
  }
}
