package io.trimtab.engine.sampling;

/**
 * Uniform numbers of which the n-th depends on the seed and n alone: SplitMix64 (Steele, Lea and
 * Flood, "Fast splittable pseudorandom number generators", 2014), the sequence of {@link
 * java.util.SplittableRandom} with the same seed. Having no state, it cannot be moved on by
 * anything else in the batch.
 */
record UniformSequence(long seed) {
  /** 2^64 divided by the golden ratio, made odd. */
  private static final long STEP = 0x9E3779B97F4A7C15L;

  private static final double UNIT_53_BITS = 0x1.0p-53;

  /** The number at a place from 0, in [0, 1), a multiple of 2^-53. */
  double at(long place) {
    return (mixed(seed + (place + 1) * STEP) >>> 11) * UNIT_53_BITS;
  }

  /** A permutation of all 64-bit numbers: Stafford's variant 13 of MurmurHash3's last step. */
  private static long mixed(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
