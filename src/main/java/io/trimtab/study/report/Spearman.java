package io.trimtab.study.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Spearman's rank correlation (1904), equal values sharing the mean of their ranks. The interval is
 * a bootstrap over whole sequences, as the stages of one are not independent of each other.
 */
final class Spearman {
  private static final int DRAWS = 2000;
  private static final long SEED = 7_311;

  /** Fewer sequences say nothing about others. */
  private static final int SEQUENCES_MIN = 4;

  private Spearman() {}

  /** A pair of figures. */
  record Pair(double x, double y) {
    boolean isFinite() {
      return Double.isFinite(x) && Double.isFinite(y);
    }
  }

  /**
   * @param sequences the pairs of each; pairs that are not finite are left out
   */
  static Estimate of(List<List<Pair>> sequences) {
    double value = correlation(sequences.stream().flatMap(List::stream).toList());
    if (sequences.size() < SEQUENCES_MIN) {
      return new Estimate(value, Double.NaN, Double.NaN);
    }
    SplittableRandom random = new SplittableRandom(SEED);
    double[] draws = new double[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      List<Pair> drawn = new ArrayList<>();
      for (int k = 0; k < sequences.size(); k++) {
        drawn.addAll(sequences.get(random.nextInt(sequences.size())));
      }
      draws[i] = correlation(drawn);
    }
    return Estimate.of(value, draws);
  }

  /** -1 to 1; NaN of fewer than three pairs, or where one side is the same throughout. */
  static double correlation(List<Pair> pairs) {
    List<Pair> finite = pairs.stream().filter(Pair::isFinite).toList();
    if (finite.size() < 3) {
      return Double.NaN;
    }
    double[] x = ranks(finite.stream().mapToDouble(Pair::x).toArray());
    double[] y = ranks(finite.stream().mapToDouble(Pair::y).toArray());
    double mean = (finite.size() + 1) / 2.0;
    double both = 0;
    double squaresX = 0;
    double squaresY = 0;
    for (int i = 0; i < x.length; i++) {
      both += (x[i] - mean) * (y[i] - mean);
      squaresX += (x[i] - mean) * (x[i] - mean);
      squaresY += (y[i] - mean) * (y[i] - mean);
    }
    return squaresX == 0 || squaresY == 0 ? Double.NaN : both / Math.sqrt(squaresX * squaresY);
  }

  /** From 1. */
  static double[] ranks(double[] values) {
    Integer[] order = new Integer[values.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> values[i]));
    double[] ranks = new double[values.length];
    int from = 0;
    while (from < order.length) {
      int to = from;
      while (to < order.length && values[order[to]] == values[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        // The mean of the ranks from + 1 to to.
        ranks[order[i]] = (from + 1 + to) / 2.0;
      }
      from = to;
    }
    return ranks;
  }
}
