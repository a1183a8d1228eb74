package io.trimtab.adaptation.gate;

/** Hears how far an evaluation is. Called by any thread, one at a time; it must return at once. */
public interface EvaluationListener {
  /**
   * One more question has been put to both.
   *
   * @param done of them
   * @param total in this evaluation
   */
  void evaluated(int done, int total);
}
