package io.trimtab.adaptation.gate;

import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.error.TrimtabException;

/** Who says whether a candidate may be published. */
public interface Judge {
  /**
   * Blocks until the verdict is there. An interrupt ends the evaluation.
   *
   * @param tenant whose candidate it is
   * @throws TrimtabException where the engine could not answer for reasons of its own: the
   *     candidate is not judged, and may be later
   */
  Judgement judge(
      String tenant, PeftAdapter candidate, EvaluationSet set, JudgementListener listener)
      throws InterruptedException;
}
