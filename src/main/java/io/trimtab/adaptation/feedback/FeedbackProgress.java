package io.trimtab.adaptation.feedback;

import java.time.Instant;
import java.util.Optional;

/** How far the feedback of a {@link FeedbackLog} has been taken in. */
public interface FeedbackProgress {
  /**
   * A moment: whatever was in the log by then is settled, as an example or as a dead letter. Empty
   * where none is known, for instance while the log can't be reached. May wait for the log.
   */
  Optional<Instant> settledUntil();
}
