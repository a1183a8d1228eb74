package io.trimtab.adaptation.feedback;

/** What became of a piece of feedback. */
public sealed interface FeedbackOutcome {
  /** It is on disk. */
  record Kept(Example example) implements FeedbackOutcome {}

  /** The same feedback is on disk already. */
  record Known() implements FeedbackOutcome {}

  /**
   * It can't be used, now or later.
   *
   * @param reason what was expected and what came
   */
  record Refused(String reason) implements FeedbackOutcome {}
}
