package io.trimtab.world;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator.SplittableGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Everything random in the world. The generator is L64X128MixRandom (Steele and Vigna, LXM, OOPSLA
 * 2021), which every Java has and which gives the same numbers on all of them.
 */
final class Dice {
  private static final String ALGORITHM = "L64X128MixRandom";

  private final SplittableGenerator random;

  private Dice(SplittableGenerator random) {
    this.random = random;
  }

  /**
   * Dice for one purpose.
   *
   * @param purpose 0 and up; those of one seed have nothing to do with each other
   */
  static Dice of(long seed, int purpose) {
    SplittableGenerator root =
        RandomGeneratorFactory.<SplittableGenerator>of(ALGORITHM).create(seed);
    for (int i = 0; i < purpose; i++) {
      var _ = root.split();
    }
    return new Dice(root.split());
  }

  /** Dice of their own for the next picture, however often they will be thrown. */
  Dice next() {
    return new Dice(random.split());
  }

  /** 0 to {@code bound} - 1. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  double between(double low, double high) {
    return random.nextDouble(low, high);
  }

  /** True so often, 0 to 1. */
  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  double gaussian() {
    return random.nextGaussian();
  }

  <T> T pick(List<T> choices) {
    return choices.get(below(choices.size()));
  }

  @SafeVarargs
  final <T> T pick(T... choices) {
    return choices[below(choices.length)];
  }

  <T> List<T> shuffled(List<T> items) {
    List<T> shuffled = new ArrayList<>(items);
    Collections.shuffle(shuffled, random);
    return shuffled;
  }
}
