package io.trimtab.adaptation.feedback;

import java.time.Duration;

/**
 * When an adapter is tuned.
 *
 * @param examples new ones that are enough
 * @param quiet since the newest of them, so that a burst is one tuning
 * @param ageMax of the oldest new example, whatever the number and the quiet
 * @param examplesMin below which nothing is tuned by itself
 * @param coolDown after a refusal of the gate; twice as long after each further one in a row
 * @param coolDownMax what it grows to
 */
public record TriggerSettings(
    int examples,
    Duration quiet,
    Duration ageMax,
    int examplesMin,
    Duration coolDown,
    Duration coolDownMax) {
  public TriggerSettings {
    if (examplesMin < 1
        || examples < examplesMin
        || quiet.isNegative()
        || !ageMax.isPositive()
        || coolDown.isNegative()
        || coolDownMax.compareTo(coolDown) < 0) {
      throw new IllegalArgumentException(
          ("Expected examples of at least examplesMin, that of at least 1, durations of 0 and"
                  + " above, ageMax above 0 and coolDownMax of at least coolDown, got examples %d,"
                  + " quiet %s, ageMax %s, examplesMin %d, coolDown %s, coolDownMax %s")
              .formatted(examples, quiet, ageMax, examplesMin, coolDown, coolDownMax));
    }
  }

  /** 32 examples, 30 s of quiet, 24 h, at least 8, 10 minutes to a day. */
  public static TriggerSettings defaults() {
    return new TriggerSettings(
        32,
        Duration.ofSeconds(30),
        Duration.ofHours(24),
        8,
        Duration.ofMinutes(10),
        Duration.ofDays(1));
  }

  /**
   * How long nothing is tuned by itself after so many refusals.
   *
   * @param refusals in a row; 0 for none
   */
  public Duration coolDownAfter(int refusals) {
    Duration pause = refusals == 0 ? Duration.ZERO : coolDown;
    for (int i = 1; i < refusals && pause.compareTo(coolDownMax) < 0; i++) {
      pause = pause.plus(pause);
      if (pause.isZero()) {
        return pause;
      }
    }
    return pause.compareTo(coolDownMax) < 0 ? pause : coolDownMax;
  }
}
