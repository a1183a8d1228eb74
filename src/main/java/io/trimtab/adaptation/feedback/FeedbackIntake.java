package io.trimtab.adaptation.feedback;

/** Where feedback goes. Any thread; calls block on the disk. */
public interface FeedbackIntake {
  /**
   * Keeps what can be used: when this returns it is durable. Told twice, it is kept once.
   *
   * @throws io.trimtab.error.TrimtabException where the store fails: to be told again later
   */
  FeedbackOutcome accept(Feedback feedback);
}
