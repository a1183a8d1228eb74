package io.trimtab.adaptation.gate;

import io.trimtab.drift.ClassMasses;
import io.trimtab.drift.TokenClass;

/**
 * Base's own answer, read by both models: what each would have said at its places.
 *
 * @param kl KL(base ‖ tuned) in nats, the mean over the answer's tokens; a lower bound ({@link
 *     io.trimtab.drift.Divergence})
 * @param base mass of each class, the mean over the answer's tokens (END: at the first)
 * @param tuned the same of the candidate
 * @param basePeak the largest mass at any of the answer's tokens
 * @param tunedPeak the same of the candidate
 */
public record Scores(
    double kl, ClassMasses base, ClassMasses tuned, ClassMasses basePeak, ClassMasses tunedPeak) {
  boolean finite() {
    double sum = kl;
    for (TokenClass tokenClass : TokenClass.values()) {
      sum += base.of(tokenClass) + tuned.of(tokenClass);
    }
    return Double.isFinite(sum);
  }
}
