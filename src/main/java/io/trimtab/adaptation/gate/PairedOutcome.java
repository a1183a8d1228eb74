package io.trimtab.adaptation.gate;

import io.trimtab.drift.QuestionWords;
import io.trimtab.drift.Shift;
import io.trimtab.drift.TokenClass;
import java.util.Optional;

/**
 * One question, answered by base and by the candidate.
 *
 * @param task of the question
 * @param input digest of the conversation: outcomes of the same input are one piece of evidence
 * @param words that it is asked in
 * @param expected {@linkplain AnswerText normalised}; empty where base's answer is the standard
 * @param scores empty where base's answer has no token to be scored
 * @param shift of the candidate's own answer, as the drift watch measures live ones; empty where
 *     that was not asked for
 */
public record PairedOutcome(
    String id,
    String task,
    String input,
    QuestionWords words,
    Optional<String> expected,
    Reply base,
    Reply tuned,
    Optional<Scores> scores,
    Optional<Shift> shift) {
  /** Whether base's answer is the right one; where base is the standard, always. */
  public boolean baseIsRight() {
    return standard().equals(base.text());
  }

  /** Whether the candidate's answer is the right one. */
  public boolean tunedIsRight() {
    return standard().equals(tuned.text());
  }

  /** 1 where only the candidate is right, -1 where only base is, else 0. */
  double gain() {
    return (tunedIsRight() ? 1 : 0) - (baseIsRight() ? 1 : 0);
  }

  /** 1 where only the candidate's answer is of the class, -1 where only base's is, else 0. */
  double shareChange(TokenClass tokenClass) {
    return (tuned.is(tokenClass) ? 1 : 0) - (base.is(tokenClass) ? 1 : 0);
  }

  /** Whether scores are here that should be, and are numbers. */
  boolean scored() {
    return scores.map(Scores::finite).orElse(base.text().isEmpty())
        && shift.map(Shift::finite).orElse(true);
  }

  private String standard() {
    return expected.orElse(base.text());
  }
}
