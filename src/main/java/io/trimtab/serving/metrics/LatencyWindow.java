package io.trimtab.serving.metrics;

import io.trimtab.serving.metrics.Figures.Spread;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Percentiles of what a histogram took in within its latest samples. As Prometheus'
 * histogram_quantile has it, values are taken to lie evenly between a bucket's bounds. One thread.
 */
final class LatencyWindow {
  private final double[] bounds;
  private final int samplesMax;
  private final Deque<long[]> samples = new ArrayDeque<>();

  /**
   * @param bounds upper bounds of the buckets, ascending, in seconds
   * @param samplesMax samples that the window spans, 1 and above
   */
  LatencyWindow(double[] bounds, int samplesMax) {
    this.bounds = bounds.clone();
    this.samplesMax = samplesMax;
  }

  /**
   * Takes a sample, and tells of those since the window's first.
   *
   * @param counts values at most as large as each bound, then those of any size
   */
  Optional<Spread> sample(long[] counts) {
    if (counts.length != bounds.length + 1) {
      throw new IllegalArgumentException(
          "%d counts for %d bounds, expected one more".formatted(counts.length, bounds.length));
    }
    samples.addLast(counts.clone());
    if (samples.size() > samplesMax + 1) {
      samples.removeFirst();
    }
    long[] first = samples.getFirst();
    long[] within = new long[counts.length];
    for (int i = 0; i < within.length; i++) {
      within[i] = counts[i] - first[i];
    }
    return within[bounds.length] == 0
        ? Optional.empty()
        : Optional.of(new Spread(quantile(within, 0.5), quantile(within, 0.95)));
  }

  private double quantile(long[] counts, double share) {
    double rank = share * counts[bounds.length];
    for (int i = 0; i < bounds.length; i++) {
      if (counts[i] >= rank) {
        double below = i == 0 ? 0 : counts[i - 1];
        double from = i == 0 ? 0 : bounds[i - 1];
        return from + (bounds[i] - from) * (rank - below) / (counts[i] - below);
      }
    }
    // Beyond the last bound nothing is known but that.
    return bounds[bounds.length - 1];
  }
}
