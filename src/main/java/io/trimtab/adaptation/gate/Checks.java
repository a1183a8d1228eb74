package io.trimtab.adaptation.gate;

import io.trimtab.adapter.GateReport.Check;
import io.trimtab.adapter.GateReport.Verdict;
import java.util.Locale;

/**
 * Checks from what was measured. Every comparison is put so that NaN fails it, and a value that is
 * no number is reported as the worst that it could be: reports hold finite numbers only.
 */
final class Checks {
  private Checks() {}

  static Check atMost(String name, double value, double limit, double worst, String detail) {
    return new Check(name, finite(value, worst), limit, verdict(value <= limit), detail);
  }

  static Check atLeast(String name, double value, double limit, double worst, String detail) {
    return new Check(name, finite(value, worst), limit, verdict(value >= limit), detail);
  }

  static Check above(String name, double value, double limit, double worst, String detail) {
    return new Check(name, finite(value, worst), limit, verdict(value > limit), detail);
  }

  /** A check that cannot refuse. */
  static Check advice(String name, double value, double limit, double worst, String detail) {
    return new Check(name, finite(value, worst), limit, Verdict.PASSED, detail);
  }

  /** 0.051 as "5.1 points". */
  static String points(double share) {
    return String.format(Locale.ROOT, "%.1f points", share * 100);
  }

  /** 0.95 as "95 %". */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%s %%", Math.round(share * 1000) / 10.0)
        .replace(".0 %", " %");
  }

  private static double finite(double value, double worst) {
    return Double.isFinite(value) ? value : worst;
  }

  private static Verdict verdict(boolean holds) {
    return holds ? Verdict.PASSED : Verdict.REFUSED;
  }
}
