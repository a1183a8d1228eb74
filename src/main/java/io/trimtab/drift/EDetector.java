package io.trimtab.drift;

/**
 * Says when the mean of numbers within 0 to 1 rises above what it may be, at any time and whatever
 * else is true of them: they need not be independent, nor alike, and what they may be may differ
 * from one to the next. An e-detector (Shin, Ramdas and Rinaldo, "E-detectors: a nonparametric
 * framework for sequential change detection", New England Journal of Statistics in Data Science
 * 2024; arXiv 2203.03532) of Shiryaev's and Roberts' kind, over bets on the mean (Waudby-Smith and
 * Ramdas, Journal of the Royal Statistical Society B 86, 2024; arXiv 2010.09686):
 *
 * <pre>M := mean over the rates r of M_r,   M_r := (M_r + 1) (1 + r (x - bound) / bound)</pre>
 *
 * While the mean of each x, given all before it, is at most its bound, the expectation of M after n
 * numbers is at most n, so that the first M of c or more comes after c numbers on average, or
 * later: the average run length to a false alarm. The state is one number for each rate. One
 * thread.
 */
final class EDetector {
  /** Small ones wait for slow leaks, large ones see a jump; none bets all, as 0 would end it. */
  private static final double[] RATES = {0.02, 0.08, 0.3, 0.8};

  /** Numbers of state. */
  static final int STATE = RATES.length;

  /** Beyond any threshold that can be configured, and far from infinity. */
  private static final double STATISTIC_MAX = 1e15;

  private EDetector() {}

  /** Takes the next number into the state at that place of the array. */
  static void update(double[] state, int at, double x, double bound) {
    for (int rate = 0; rate < RATES.length; rate++) {
      double next = (state[at + rate] + 1) * (1 + RATES[rate] * (x - bound) / bound);
      state[at + rate] = Math.min(STATISTIC_MAX, next);
    }
  }

  /** Alarms at the average run length and above. */
  static double statistic(double[] state, int at) {
    double sum = 0;
    for (int rate = 0; rate < RATES.length; rate++) {
      sum += state[at + rate];
    }
    return sum / RATES.length;
  }
}
