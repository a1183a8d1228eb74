package io.trimtab.adaptation.governor;

import io.trimtab.error.TrimtabException;
import java.time.Duration;

/**
 * What the governor may do.
 *
 * @param mode whether it acts or only says what it would do
 * @param dampTo a damped revision's scale is multiplied by this, above 0 and below 1
 * @param scaleMin none is damped below this, 0 to 1; it is rolled back then
 * @param severe excess over the envelope, 0 to 1, from which a revision is quarantined at once
 * @param actionsMax changes of one adapter within the span, 1 to 64; the next waits for its end
 * @param within the span
 * @param canaryAnswers read before a canary is served to all, once no warning stands; counted anew
 *     once the inputs have changed; 0 leaves that to a person
 * @param retrain whether what was rolled back or quarantined is tuned anew
 */
public record GovernorSettings(
    Mode mode,
    double dampTo,
    double scaleMin,
    double severe,
    int actionsMax,
    Duration within,
    int canaryAnswers,
    Retrain retrain) {
  /** As many as {@link GovernorHistory} is sure to remember. */
  static final int ACTIONS_MAX = 64;

  /** Whether it acts. */
  public enum Mode {
    ACT,
    /** It says what it would do, and does nothing. */
    ADVISE
  }

  /** Whether a revision that was taken away is followed by a new tuning. */
  public enum Retrain {
    RETRAIN,
    LEAVE
  }

  public GovernorSettings {
    require(dampTo > 0 && dampTo < 1, "damp-to", "above 0 and below 1", dampTo);
    require(scaleMin >= 0 && scaleMin <= 1, "scale-min", "0 to 1", scaleMin);
    require(severe >= 0 && severe <= 1, "severe", "0 to 1", severe);
    require(
        actionsMax >= 1 && actionsMax <= ACTIONS_MAX,
        "actions-max",
        "1 to " + ACTIONS_MAX,
        actionsMax);
    require(within.isPositive(), "within-seconds", "1 and above", within);
    require(canaryAnswers >= 0, "canary-answers", "0 and above", canaryAnswers);
  }

  /**
   * Acts. A tenth and more beyond the envelope in the recent mean of a share of probability is far
   * beyond what sampling does, and a revision that answers a quarter of all questions otherwise
   * than it may is no use at a lower scale.
   */
  public static GovernorSettings defaults() {
    return new GovernorSettings(
        Mode.ACT, 0.7, 0.4, 0.25, 4, Duration.ofHours(1), 200, Retrain.RETRAIN);
  }

  private static void require(boolean holds, String field, String expected, Object value) {
    if (!holds) {
      throw TrimtabException.invalid(
          "trimtab.governor.%s is %s, expected %s".formatted(field, value, expected));
    }
  }
}
