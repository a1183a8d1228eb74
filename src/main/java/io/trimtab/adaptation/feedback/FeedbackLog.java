package io.trimtab.adaptation.feedback;

import io.trimtab.adapter.AdapterId;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** Where feedback waits until a {@link FeedbackIntake} has taken it. Any thread. */
public interface FeedbackLog {
  /** Where a piece of feedback lies in the log. */
  record Position(int partition, long offset) {}

  /**
   * Appends a piece of feedback. Completes when as many copies are acknowledged as are asked for;
   * exceptionally with a TrimtabException, UNAVAILABLE while the log can't be reached.
   */
  CompletableFuture<Position> append(Feedback feedback);

  /**
   * Records that wait to be read in the part of the log that a tenant shares with others; empty
   * where that can't be told now. May wait for the log.
   */
  OptionalLong lag(String tenant);

  /** How much of an adapter's feedback could not be used, as far as this process knows. */
  long deadLettered(AdapterId adapter);

  /**
   * Appends a tenant's dead letters again, oldest first. Completes with their number; exceptionally
   * as {@link #append}.
   *
   * @param max most that are sent
   */
  CompletableFuture<Long> redrive(String tenant, int max);
}
