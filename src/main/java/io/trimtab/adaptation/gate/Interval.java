package io.trimtab.adaptation.gate;

/**
 * An estimate with its confidence bounds, each of them one-sided at the stated confidence. All NaN
 * where nothing was seen, so that no comparison holds.
 */
record Interval(double estimate, double lower, double upper) {
  private static final Interval NOTHING = new Interval(Double.NaN, Double.NaN, Double.NaN);

  /**
   * The mean of paired differences, each -1 to 1.
   *
   * <p>Agresti and Min, "Simple improved confidence intervals for comparing matched proportions"
   * (Statistics in Medicine 24, 2005): Wald's interval after half an observation is added to each
   * of the four cells of the paired table, that is half a difference of 1, half of -1 and one of 0.
   * Differences of probabilities get the same three, which keeps a few equal numbers from being
   * certain.
   */
  static Interval ofDifferences(double[] differences, double confidence) {
    if (differences.length == 0) {
      return NOTHING;
    }
    double sum = 0;
    double squares = 1;
    for (double difference : differences) {
      sum += difference;
      squares += difference * difference;
    }
    double count = differences.length + 2.0;
    double mean = sum / count;
    double error = Math.sqrt((squares / count - mean * mean) / count);
    double margin = Normal.quantile(confidence) * error;
    return new Interval(sum / differences.length, mean - margin, mean + margin);
  }

  /**
   * A proportion: Wilson's score interval (Journal of the American Statistical Association 22,
   * 1927).
   */
  static Interval ofProportion(long successes, long of, double confidence) {
    if (of == 0) {
      return NOTHING;
    }
    double z = Normal.quantile(confidence);
    double share = (double) successes / of;
    double centre = (share + z * z / (2 * of)) / (1 + z * z / of);
    double margin =
        z / (1 + z * z / of) * Math.sqrt(share * (1 - share) / of + z * z / (4.0 * of * of));
    return new Interval(share, centre - margin, centre + margin);
  }

  /** The larger end, whatever its sign: how far from 0 the truth may lie. */
  double farthest() {
    return Math.max(Math.abs(lower), Math.abs(upper));
  }
}
