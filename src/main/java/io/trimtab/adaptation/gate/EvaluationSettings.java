package io.trimtab.adaptation.gate;

import io.trimtab.error.TrimtabException;
import java.time.Duration;

/**
 * How candidates are asked.
 *
 * @param inFlight questions at work at the same time, from 1
 * @param answerTokensMax an answer is cut after this many tokens, from 1, or after as many as that
 *     which is expected has
 * @param keptMax answers of base that are kept for the next candidate, from 1
 * @param patience how long one request is tried again while the engine is full
 * @param firstPause before the first of these tries; it doubles from one to the next, up to 2 s
 */
public record EvaluationSettings(
    int inFlight, int answerTokensMax, int keptMax, Duration patience, Duration firstPause) {
  /** However long the engine has been full, it may have room the next moment. */
  private static final Duration PAUSE_MAX = Duration.ofSeconds(2);

  public EvaluationSettings {
    if (inFlight < 1 || answerTokensMax < 1 || keptMax < 1) {
      throw TrimtabException.invalid(
          "Evaluation has %d questions in flight, %d tokens an answer and keeps %d, expected 1 and above"
              .formatted(inFlight, answerTokensMax, keptMax));
    }
    if (patience.isNegative() || !firstPause.isPositive()) {
      throw TrimtabException.invalid(
          "Evaluation has a patience of %s and pauses of %s, expected 0 and above, and above 0"
              .formatted(patience, firstPause));
    }
  }

  /** What follows a pause, where the engine is full still; a first one that is longer stays. */
  Duration pauseAfter(Duration pause) {
    Duration longer = pause.plus(pause);
    Duration max = firstPause.compareTo(PAUSE_MAX) > 0 ? firstPause : PAUSE_MAX;
    return longer.compareTo(max) > 0 ? max : longer;
  }

  /** As many at once as background requests get of eight slots; short answers. */
  public static EvaluationSettings defaults() {
    return new EvaluationSettings(4, 32, 2048, Duration.ofMinutes(5), Duration.ofMillis(100));
  }
}
