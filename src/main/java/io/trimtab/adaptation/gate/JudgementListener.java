package io.trimtab.adaptation.gate;

import io.trimtab.adapter.GateReport;

/** Hears how far a judgement is. It must return at once. */
public interface JudgementListener extends EvaluationListener {
  /** The candidate is now evaluated at this scale. */
  void trying(float scale);

  /** What the gate said of it there. */
  void judged(float scale, GateReport report);

  /** One that listens to nothing. */
  static JudgementListener silent() {
    return new JudgementListener() {
      @Override
      public void evaluated(int done, int total) {}

      @Override
      public void trying(float scale) {}

      @Override
      public void judged(float scale, GateReport report) {}
    };
  }
}
