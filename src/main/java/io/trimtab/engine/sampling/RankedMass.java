package io.trimtab.engine.sampling;

import io.trimtab.engine.api.SamplingParameters;
import java.util.Arrays;

/**
 * The probability mass of a row in order of rank, in which a draw is looked up: descending logit,
 * the lower index first among equals. Min-p, top-k and top-p each keep a first part of that order,
 * so what is kept is said by where it ends.
 *
 * <p>A row is not sorted. A token's depth is its distance below the best logit divided by the
 * temperature, in nats, and its weight is exp(-depth); equal steps of depth are buckets, whose
 * masses are summed in double precision, and only the bucket that a boundary or a draw falls into
 * is sorted. The cost is a few passes over the row. (A temperature so high that all logits share a
 * few buckets costs a sort of them.)
 *
 * <p>Nothing is allocated after construction. One thread.
 */
final class RankedMass {
  private static final int BUCKETS_PER_NAT = 64;

  /** Deeper tokens are left out: 10^11 of them weigh less than a 2^-53rd of the best one. */
  private static final int DEPTH_MAX = 64;

  private static final int BUCKETS = DEPTH_MAX * BUCKETS_PER_NAT + 1;
  private static final double[] WEIGHT_AT_MIDDLE = new double[BUCKETS];

  static {
    Arrays.setAll(WEIGHT_AT_MIDDLE, bucket -> Math.exp(-(bucket + 0.5) / BUCKETS_PER_NAT));
  }

  /** The place of a token that min-p or its depth leaves out. */
  private static final short OUT = BUCKETS;

  private final double[] masses = new double[BUCKETS];
  private final int[] counts = new int[BUCKETS + 1];
  private final short[] places;
  private final long[] ranked;

  private float[] logits = new float[0];
  private int size;
  private double best;
  private double inverseTemperature;
  private double depthMax;

  // Where the kept part ends: its last bucket, and how many of that bucket's tokens are kept at
  // most.
  private int last;
  private int keptOfLast;

  // Where the last search ended.
  private int foundIndex;
  private int foundBucket;
  private int foundRank;
  private double foundMass;

  /** For rows of at most this many tokens. */
  RankedMass(int sizeMax) {
    places = new short[sizeMax];
    ranked = new long[sizeMax];
  }

  /**
   * Draws a token with the parameters' temperature (above 0), min-p, top-k and top-p. As in vLLM
   * each counts on what those before it left, and top-p keeps the token that crosses; other than
   * there, top-k keeps exactly k where several are equal at the end.
   *
   * @param logits float32, at least one finite, none NaN or +infinity
   * @param size how many of them are the row
   * @param best the highest of them
   * @param uniform in [0, 1)
   * @return an index into the logits
   */
  int draw(float[] logits, int size, float best, SamplingParameters parameters, double uniform) {
    this.logits = logits;
    this.size = size;
    this.best = best;
    inverseTemperature = 1.0 / parameters.temperature();
    depthMax =
        parameters.minP() > 0 ? Math.min(DEPTH_MAX, -Math.log(parameters.minP())) : DEPTH_MAX;
    last = BUCKETS - 1;
    keptOfLast = size;
    place();
    if (parameters.topK() > 0 && parameters.topK() < size) {
      endAtCount(parameters.topK());
    }
    sumMasses();
    double kept = 0;
    for (int bucket = 0; bucket <= last; bucket++) {
      kept += masses[bucket];
    }
    if (parameters.topP() < 1) {
      find(parameters.topP() * kept);
      last = foundBucket;
      keptOfLast = foundRank + 1;
      kept = foundMass;
    }
    find(uniform * kept);
    return foundIndex;
  }

  /** Says for each token which bucket it is in; one that is out is beyond all buckets. */
  private void place() {
    for (int index = 0; index < size; index++) {
      double depth = depth(index);
      places[index] = depth <= depthMax ? (short) (depth * BUCKETS_PER_NAT) : OUT;
    }
  }

  /** Ends the kept part after this many tokens. */
  private void endAtCount(int topK) {
    Arrays.fill(counts, 0);
    for (int index = 0; index < size; index++) {
      counts[places[index]]++;
    }
    int before = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      if (before + counts[bucket] >= topK) {
        last = bucket;
        keptOfLast = topK - before;
        return;
      }
      before += counts[bucket];
    }
  }

  /** Sums the weights of what is kept so far, and brings {@link #last} to a bucket in use. */
  private void sumMasses() {
    Arrays.fill(masses, 0, last + 1, 0);
    int deepest = 0;
    for (int index = 0; index < size; index++) {
      int bucket = places[index];
      if (bucket <= last) {
        masses[bucket] += weight(index, bucket);
        deepest = Math.max(deepest, bucket);
      }
    }
    last = deepest;
    if (keptOfLast < size) {
      trimLast();
    }
  }

  private void trimLast() {
    int ranks = rank(last);
    double mass = 0;
    for (int rank = 0; rank < ranks; rank++) {
      mass += weight((int) ranked[rank], last);
    }
    masses[last] = mass;
  }

  /** Finds the first token, best first, with which the mass so far reaches the target. */
  private void find(double target) {
    double mass = 0;
    int bucket = 0;
    while (bucket < last && mass + masses[bucket] < target) {
      mass += masses[bucket];
      bucket++;
    }
    int ranks = rank(bucket);
    int rank = -1;
    // Summed in another order a bucket may fall short of its mass by a rounding: then its last
    // token.
    do {
      rank++;
      mass += weight((int) ranked[rank], bucket);
    } while (mass < target && rank < ranks - 1);
    foundIndex = (int) ranked[rank];
    foundBucket = bucket;
    foundRank = rank;
    foundMass = mass;
  }

  /** Sorts the tokens of a bucket into {@link #ranked}, index in the low half; kept ones count. */
  private int rank(int wanted) {
    int ranks = 0;
    for (int index = 0; index < size; index++) {
      if (places[index] == wanted) {
        ranked[ranks++] = (long) descending(logits[index]) << 32 | index;
      }
    }
    Arrays.sort(ranked, 0, ranks);
    return wanted == last ? Math.min(ranks, keptOfLast) : ranks;
  }

  /** An int that is the smaller the larger the logit is. */
  private static int descending(float logit) {
    int bits = Float.floatToRawIntBits(logit + 0.0f); // -0 becomes 0, which it is equal to
    return ~(bits ^ ((bits >> 31) & Integer.MAX_VALUE));
  }

  private double depth(int index) {
    return (best - logits[index]) * inverseTemperature;
  }

  /** exp(-depth): the weight at the bucket's middle times four terms of the series; error 3e-13. */
  private double weight(int index, int bucket) {
    double rest = (bucket + 0.5) / BUCKETS_PER_NAT - depth(index);
    double series = 1 + rest * (1 + rest * (1.0 / 2 + rest * (1.0 / 6 + rest / 24)));
    return WEIGHT_AT_MIDDLE[bucket] * series;
  }
}
