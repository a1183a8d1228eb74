package io.trimtab.adaptation.feedback;

import io.trimtab.error.TrimtabException;
import java.time.Duration;

/**
 * When an adapter is tuned. No wait is longer than 2^31 - 1 s.
 *
 * @param examples new ones that are enough, from {@code examplesMin}
 * @param quiet since the newest of them, so that a burst is one tuning
 * @param ageMax of the oldest new example, whatever the number and the quiet; above 0
 * @param examplesMin below which nothing is tuned by itself, from 1
 * @param coolDown after a refusal of the gate; twice as long after each further one in a row
 * @param coolDownMax what it grows to, from {@code coolDown}
 */
public record TriggerSettings(
    int examples,
    Duration quiet,
    Duration ageMax,
    int examplesMin,
    Duration coolDown,
    Duration coolDownMax) {
  private static final Duration SHORTEST = Duration.ofNanos(1);

  /** Added to the time of any example, it is a time. */
  private static final Duration LONGEST = Duration.ofSeconds(Integer.MAX_VALUE);

  public TriggerSettings {
    require(examples >= 1, "examples", examples, "1 and above");
    require(
        examplesMin >= 1 && examplesMin <= examples, "examples-min", examplesMin, "1 to examples");
    requireWait("quiet-seconds", quiet, Duration.ZERO);
    requireWait("age-seconds-max", ageMax, SHORTEST);
    requireWait("cool-down-seconds", coolDown, Duration.ZERO);
    requireWait("cool-down-seconds-max", coolDownMax, coolDown);
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

  private static void requireWait(String field, Duration value, Duration least) {
    require(
        value.compareTo(least) >= 0 && value.compareTo(LONGEST) <= 0,
        field,
        value.toSeconds(),
        "%s to %d"
            .formatted(
                least.equals(SHORTEST) ? "above 0" : least.toSeconds(), LONGEST.toSeconds()));
  }

  private static void require(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      throw TrimtabException.invalid(
          "trimtab.tuning.%s is %s, expected %s".formatted(field, value, expected));
    }
  }
}
