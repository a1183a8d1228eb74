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
    require(share >= 0 && share < 1, "rehearsal-share", share, "0 to below 1");
    require(weight >= 0, "rehearsal-weight", weight, "0 and above");
    require(temperature > 0, "rehearsal-temperature", temperature, "above 0");
  }

  /** Half of each batch. */
  public static RehearsalSettings defaults() {
    return new RehearsalSettings(0.5, 3, 1);
  }

  /** Nothing is rehearsed. */
  public static RehearsalSettings none() {
    return new RehearsalSettings(0, 0, 1);
  }

  private static void require(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      throw TrimtabException.invalid(
          "trimtab.tuning.%s is %s, expected %s".formatted(field, value, expected));
    }
  }
}
