package io.trimtab.adapter.peft;

import java.util.List;
import java.util.Optional;

/**
 * What a check of a PEFT folder found.
 *
 * @param adapter the adapter, where nothing is wrong with it
 * @param tensorsMatched tensors of the file that are half of the delta of a layer of the base
 * @param tensorsTotal tensors of the file; 0 where it can't be read
 * @param errors the first problems in words, and last how many more there are
 */
public record PeftCheck(
    Optional<PeftAdapter> adapter, int tensorsMatched, int tensorsTotal, List<String> errors) {
  public PeftCheck {
    errors = List.copyOf(errors);
    if (adapter.isPresent() != errors.isEmpty()) {
      throw new IllegalArgumentException("Expected either an adapter or errors, got " + errors);
    }
  }
}
