package io.trimtab.adaptation.feedback;

import io.trimtab.error.PlainText;
import io.trimtab.error.TrimtabException;
import java.util.Optional;

/** What is refused for good, and what is to be told again. */
final class FeedbackRefusals {
  private static final int REASON_CHARACTERS_MAX = 1000;

  private FeedbackRefusals() {}

  /**
   * The outcome of a failure that telling again would not mend.
   *
   * @throws TrimtabException the failure, where it may pass
   */
  static FeedbackOutcome.Refused refused(TrimtabException failure) {
    return switch (failure.code()) {
      // What is damaged would stop all feedback that comes behind it.
      case INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, INTERNAL ->
          new FeedbackOutcome.Refused(String.valueOf(failure.getMessage()));
      case RESOURCE_EXHAUSTED -> {
        // A full disk has a cause and may pass; a limit of ours has none.
        if (failure.getCause() != null) {
          throw failure;
        }
        yield new FeedbackOutcome.Refused(String.valueOf(failure.getMessage()));
      }
      case UNAUTHENTICATED, UNAVAILABLE, CANCELLED, DEADLINE_EXCEEDED -> throw failure;
    };
  }

  /** The outcome of feedback that the check refuses; empty where it does not. */
  static Optional<FeedbackOutcome> unlessUseful(FeedbackCheck check, Feedback feedback) {
    try {
      check.check(feedback);
      return Optional.empty();
    } catch (TrimtabException e) {
      // Of any code: a picture that this machine can't decode waits among the dead letters.
      return Optional.of(new FeedbackOutcome.Refused(String.valueOf(e.getMessage())));
    }
  }

  static void checkReason(String reason) {
    if (reason.length() > REASON_CHARACTERS_MAX || !PlainText.is(reason)) {
      throw TrimtabException.invalid(
          "The reason has %d characters, expected one line of at most %d"
              .formatted(reason.length(), REASON_CHARACTERS_MAX));
    }
  }
}
