package io.trimtab.adaptation.gate;

import io.trimtab.adapter.GateReport;

/**
 * What was made of a candidate.
 *
 * @param scale the largest that passed; that of the whole delta where none did
 * @param report of the evaluation at that scale, and of the scales that were tried
 * @param envelope of the same evaluation
 */
public record Judgement(float scale, GateReport report, Envelope envelope) {
  public boolean passed() {
    return report.verdict() == GateReport.Verdict.PASSED;
  }
}
