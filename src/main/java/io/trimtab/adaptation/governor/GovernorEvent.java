package io.trimtab.adaptation.governor;

import io.trimtab.drift.DriftSignal;
import java.time.Instant;

/**
 * A signal and what became of it: what is told on {@code trimtab.drift} and kept with the adapter.
 *
 * @param outcome whether the action was taken
 * @param version of the adapter afterwards; 0 where it was not changed
 * @param reason for the action, or why it was not taken
 */
public record GovernorEvent(
    Instant time,
    DriftSignal signal,
    GovernorAction action,
    Outcome outcome,
    long version,
    String reason) {
  /** Whether an action was taken. */
  public enum Outcome {
    DONE,
    /** It would have been: the governor is set to advise. */
    ADVISED,
    /** Somebody else changed the adapter first, or it could not be done. */
    NOT_DONE
  }
}
