package io.trimtab.tuning.job;

import io.trimtab.error.TrimtabException;

/**
 * Rehearsal: prompts that base answers itself, mixed into every batch, so that the delta learns
 * beside what base knows and not over it. Of each, the tuned model is held to base's whole
 * distribution at the answer's tokens: KL(base ‖ tuned) at a temperature (Hinton et al., 2015; Li
 * and Hoiem, Learning without Forgetting, 2016).
 *
 * @param share of a batch's sequences, 0 to below 1
 * @param weight of the loss on them, from 0
 * @param temperature of both distributions, above 0
 */
public record RehearsalSettings(double share, double weight, double temperature) {
  public RehearsalSettings {
    if (!(share >= 0 && share < 1) || !(weight >= 0) || !(temperature > 0)) {
      throw TrimtabException.invalid(
          "rehearsal share %s, weight %s, temperature %s: expected 0 to below 1, from 0, above 0"
              .formatted(share, weight, temperature));
    }
  }

  /** Half of each batch. */
  public static RehearsalSettings defaults() {
    return new RehearsalSettings(0.5, 3, 1);
  }

  /** Nothing is rehearsed. */
  public static RehearsalSettings none() {
    return new RehearsalSettings(0, 0, 1);
  }
}
