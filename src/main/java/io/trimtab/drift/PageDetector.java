package io.trimtab.drift;

/**
 * Page's cumulative sum (Biometrika 41, 1954) of what a number exceeds its bound by, in standard
 * deviations of the gate's: quicker than {@link EDetector} on a small shift of numbers that are
 * normal and independent, with more false alarms than it states where they are neither, as shares
 * of probability are not. So it warns, and nothing is done upon it alone.
 *
 * <pre>S := max(0, S + (x - bound) / deviation - k)</pre>
 *
 * One thread.
 */
final class PageDetector {
  /** Half of the shift that is looked for, in standard deviations. */
  static final double ALLOWANCE = 0.25;

  /** Numbers that hardly vary at the gate vary a little more on live traffic. */
  private static final double DEVIATION_MIN = 0.05;

  /** Siegmund's correction for what a sum jumps beyond its threshold. */
  private static final double OVERSHOOT = 1.166;

  private PageDetector() {}

  static double update(double statistic, double x, Expected expected) {
    double z = (x - expected.bound()) / Math.max(DEVIATION_MIN, expected.deviation());
    return Math.max(0, statistic + z - ALLOWANCE);
  }

  /**
   * The threshold for an average run length to a false alarm: Siegmund's approximation (Sequential
   * Analysis, 1985, equation 2.56), {@code (exp(2kb) - 2kb - 1) / 2k²} with b = threshold + 1.166,
   * solved by bisection.
   */
  static double threshold(double averageRunLength) {
    double low = 0;
    double high = 1_000;
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      double kb = 2 * ALLOWANCE * (middle + OVERSHOOT);
      double length = (Math.exp(Math.min(700, kb)) - kb - 1) / (2 * ALLOWANCE * ALLOWANCE);
      if (length < averageRunLength) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }
}
