package io.trimtab.tuning.job;

import io.trimtab.error.TrimtabException;
import java.util.List;

/**
 * What the study asks of one stage of a sequence, beyond what a server trains: how it is kept from
 * forgetting the model it began with, and which deltas on the way are kept.
 *
 * @param lwfWeight of KL(start ‖ tuned) beside the cross-entropy, on the same answers' tokens of
 *     the new task, where the start is the model as the stage found it; from 0, which is none (Li
 *     and Hoiem, Learning without Forgetting, 2016)
 * @param lwfTemperature of both distributions, above 0; the KL is not multiplied with its square
 * @param changeShare how much of the stage's change is written, above 0 and at most 1, the rest
 *     being the model as the stage found it; training itself goes on unhindered (WiSE-FT; Wortsman
 *     et al., arXiv 2109.01903)
 * @param deltaSteps updates after which the delta is written too, each from 1
 */
public record StageSettings(
    double lwfWeight, double lwfTemperature, double changeShare, List<Integer> deltaSteps) {
  public StageSettings {
    deltaSteps = List.copyOf(deltaSteps);
    if (!(lwfWeight >= 0) || !(lwfTemperature > 0)) {
      throw TrimtabException.invalid(
          "lwf_weight is %s and lwf_temperature %s, expected from 0 and above 0"
              .formatted(lwfWeight, lwfTemperature));
    }
    if (!(changeShare > 0 && changeShare <= 1)) {
      throw TrimtabException.invalid(
          "change_share is %s, expected above 0 and at most 1".formatted(changeShare));
    }
    if (deltaSteps.stream().anyMatch(step -> step < 1)) {
      throw TrimtabException.invalid("delta_steps are %s, expected from 1".formatted(deltaSteps));
    }
  }

  /** A job as a server has it. */
  public static StageSettings none() {
    return new StageSettings(0, 2, 1, List.of());
  }

  /** Whether the model as the stage found it is needed beside the one that learns. */
  public boolean recallsStart() {
    return lwfWeight > 0 || changeShare < 1;
  }
}
