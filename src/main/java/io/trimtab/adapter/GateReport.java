package io.trimtab.adapter;

import java.util.List;

/**
 * Why a tuned revision was let through or refused.
 *
 * @param verdict of all checks together
 */
public record GateReport(Verdict verdict, List<Check> checks) {
  /** What a check, or all of them, said. */
  public enum Verdict {
    PASSED,
    REFUSED
  }

  /**
   * One check.
   *
   * @param name learning, accuracy, forgetting, bias_yes_no, kl_to_base and so on
   * @param value what was measured, in the unit that the detail states
   * @param limit what it was held against
   */
  public record Check(String name, double value, double limit, Verdict verdict, String detail) {}

  public GateReport {
    checks = List.copyOf(checks);
  }
}
