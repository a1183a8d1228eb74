package io.trimtab.study.report;

/** What the records say of a statement of the paper's. */
enum Verdict {
  REPEATED("repeated here"),
  NOT_REPEATED("not repeated here"),
  /** The interval holds both. */
  UNDECIDED("undecided: the interval holds both"),
  MISSING("not run");

  private final String text;

  Verdict(String text) {
    this.text = text;
  }

  /** Whether a figure lies above a limit: all of its interval, none of it, or some. */
  static Verdict above(Estimate estimate, double limit) {
    if (!estimate.exists() || !estimate.bounded()) {
      return MISSING;
    }
    if (estimate.low() > limit) {
      return REPEATED;
    }
    return estimate.high() < limit ? NOT_REPEATED : UNDECIDED;
  }

  /** Whether it lies below. */
  static Verdict below(Estimate estimate, double limit) {
    return above(new Estimate(-estimate.value(), -estimate.high(), -estimate.low()), -limit);
  }

  @Override
  public String toString() {
    return text;
  }
}
