package io.trimtab.cli.bench;

import java.util.Arrays;
import java.util.Locale;

/** Measured numbers and what is said about them. */
record Samples(double[] values) {
  static Samples ofMicros(long[] nanos) {
    return new Samples(Arrays.stream(nanos).mapToDouble(each -> each / 1e3).toArray());
  }

  double median() {
    return quantile(0.5);
  }

  /** The value that this share of all lies below, 0 to 1; NaN where there are none. */
  double quantile(double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  }

  /** Of each sample to the one that was measured beside it. */
  Samples over(Samples others) {
    double[] ratios = new double[values.length];
    Arrays.setAll(ratios, i -> values[i] / others.values[i]);
    return new Samples(ratios);
  }

  String withQuartiles() {
    return String.format(
        Locale.ROOT, "%.3f (quartiles %.3f to %.3f)", median(), quantile(0.25), quantile(0.75));
  }

  static String rounded(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.3f" : "%.0f", value);
  }
}
