package io.trimtab.study.report;

import java.util.Arrays;
import java.util.Locale;

/**
 * A figure with its 95 % interval. All NaN where there is nothing to estimate from; bounds alone
 * are NaN where one observation says nothing about others.
 */
record Estimate(double value, double low, double high) {
  private static final double TAIL = 0.025;

  static Estimate none() {
    return new Estimate(Double.NaN, Double.NaN, Double.NaN);
  }

  /**
   * By the percentiles of bootstrap draws (Efron and Tibshirani, An Introduction to the Bootstrap,
   * 1993, chapter 13), interpolated linearly between the sorted draws.
   */
  static Estimate of(double value, double[] draws) {
    double[] sorted = Arrays.stream(draws).filter(Double::isFinite).sorted().toArray();
    return new Estimate(value, percentile(sorted, TAIL), percentile(sorted, 1 - TAIL));
  }

  private static double percentile(double[] sorted, double share) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  boolean exists() {
    return !Double.isNaN(value);
  }

  boolean bounded() {
    return !Double.isNaN(low) && !Double.isNaN(high);
  }

  /** Half of the interval's width. */
  double margin() {
    return (high - low) / 2;
  }

  /**
   * The figure and its interval, signed.
   *
   * @param decimals of each
   */
  String text(int decimals) {
    if (!exists()) {
      return "";
    }
    String form = "%+." + decimals + "f";
    return bounded()
        ? String.format(Locale.ROOT, form + " (" + form + " to " + form + ")", value, low, high)
        : String.format(Locale.ROOT, form, value);
  }
}
