package io.trimtab.adaptation.feedback;

import java.time.Instant;
import java.util.Optional;

/**
 * What the decision to tune an adapter rests on.
 *
 * @param usable examples that can be trained on
 * @param fresh of them, those that no tuning has seen
 * @param oldestFresh when the oldest of these was received; there where {@code fresh} is above 0
 * @param newestFresh when the newest of these was received; likewise
 * @param drift when a drift signal came that no tuning has answered
 * @param asked when a person asked for a tuning that has not begun
 * @param refusals tunings in a row that the gate refused, up to the last one
 * @param refused when the last of these was refused; there where {@code refusals} is above 0
 */
public record TriggerState(
    int usable,
    int fresh,
    Optional<Instant> oldestFresh,
    Optional<Instant> newestFresh,
    Optional<Instant> drift,
    Optional<Instant> asked,
    int refusals,
    Optional<Instant> refused) {
  public TriggerState {
    if (fresh < 0
        || usable < fresh
        || refusals < 0
        || oldestFresh.isPresent() != fresh > 0
        || newestFresh.isPresent() != fresh > 0
        || refused.isPresent() != refusals > 0) {
      throw new IllegalArgumentException(
          "No state of examples: %d usable, %d fresh from %s to %s, %d refusals up to %s"
              .formatted(usable, fresh, oldestFresh, newestFresh, refusals, refused));
    }
  }

  /** Of an adapter of which nothing else is known. */
  public static TriggerState of(FeedbackCounts counts) {
    return new TriggerState(
        counts.usable(),
        counts.fresh(),
        counts.oldestFresh(),
        counts.newestFresh(),
        Optional.empty(),
        Optional.empty(),
        0,
        Optional.empty());
  }

  public TriggerState withDrift(Optional<Instant> signal) {
    return new TriggerState(
        usable, fresh, oldestFresh, newestFresh, signal, asked, refusals, refused);
  }

  public TriggerState withAsked(Optional<Instant> time) {
    return new TriggerState(
        usable, fresh, oldestFresh, newestFresh, drift, time, refusals, refused);
  }

  public TriggerState withRefusals(int inARow, Optional<Instant> last) {
    return new TriggerState(usable, fresh, oldestFresh, newestFresh, drift, asked, inARow, last);
  }
}
