package io.trimtab.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The bound is below the true divergence, near it where the rows say most, and 0 for equals. */
class DivergenceTest {
  private static final int VOCABULARY = 500;
  private static final int NAMED = 64;

  @Test
  void itIsNeverAboveTheTrueDivergence() {
    SplittableRandom random = new SplittableRandom(7);
    double nearest = 0;
    for (int trial = 0; trial < 500; trial++) {
      double sharpness = 0.5 + 8 * random.nextDouble();
      double[] base = distribution(random, new double[VOCABULARY], sharpness);
      double[] tuned =
          distribution(random, base, trial % 2 == 0 ? sharpness : 0.3 * random.nextDouble());
      double truth = truth(base, tuned);
      double bound = Divergence.lowerBound(best(base), best(tuned));
      assertThat(bound).as("trial %d", trial).isBetween(0.0, truth * (1 + 1e-5) + 1e-5);
      nearest = Math.max(nearest, bound / truth);
    }
    assertThat(nearest).isGreaterThan(0.9);
  }

  @Test
  void equalRowsDoNotDiverge() {
    double[] flat = distribution(new SplittableRandom(3), new double[VOCABULARY], 0.1);
    double[] sharp = distribution(new SplittableRandom(3), new double[VOCABULARY], 20);
    assertThat(Divergence.lowerBound(best(flat), best(flat))).isZero();
    assertThat(Divergence.lowerBound(best(sharp), best(sharp))).isZero();
  }

  @Test
  void twoNamedTokensOfFourGiveTheTextbooksValue() {
    RankedLogprobs base = row(new int[] {1, 2}, 0.5, 0.25);
    RankedLogprobs tuned = row(new int[] {2, 1}, 0.5, 0.25);
    double truth = 0.5 * Math.log(2) + 0.25 * Math.log(0.5);
    assertThat(Divergence.lowerBound(base, tuned)).isCloseTo(truth, within(1e-6));
  }

  @Test
  void rowsThatNameNothingInCommonLieFarApart() {
    RankedLogprobs base = row(new int[] {1, 2}, 0.9, 0.09);
    RankedLogprobs tuned = row(new int[] {3, 4}, 0.999, 0.0009);
    assertThat(Divergence.lowerBound(base, tuned)).isGreaterThan(4);
  }

  @Test
  void whatIsNoNumberStaysNone() {
    RankedLogprobs base = row(new int[] {1}, 0.9);
    assertThat(Divergence.lowerBound(base, row(new int[] {1}, Double.NaN))).isNaN();
  }

  private static double[] distribution(SplittableRandom random, double[] around, double spread) {
    double[] logits = new double[VOCABULARY];
    for (int i = 0; i < VOCABULARY; i++) {
      double before = around[i] == 0 ? 0 : Math.log(around[i]);
      logits[i] = before + spread * (random.nextDouble() + random.nextDouble() - 1);
    }
    double sum = IntStream.range(0, VOCABULARY).mapToDouble(i -> Math.exp(logits[i])).sum();
    return IntStream.range(0, VOCABULARY).mapToDouble(i -> Math.exp(logits[i]) / sum).toArray();
  }

  private static double truth(double[] base, double[] tuned) {
    return IntStream.range(0, VOCABULARY)
        .mapToDouble(i -> base[i] * Math.log(base[i] / tuned[i]))
        .sum();
  }

  private static RankedLogprobs best(double[] distribution) {
    int[] ids =
        IntStream.range(0, VOCABULARY)
            .boxed()
            .sorted((a, b) -> Double.compare(distribution[b], distribution[a]))
            .limit(NAMED)
            .mapToInt(Integer::intValue)
            .toArray();
    return row(ids, IntStream.of(ids).mapToDouble(id -> distribution[id]).toArray());
  }

  private static RankedLogprobs row(int[] ids, double... probabilities) {
    float[] logprobs = new float[ids.length];
    for (int i = 0; i < ids.length; i++) {
      logprobs[i] = (float) Math.log(probabilities[i]);
    }
    return new RankedLogprobs(ids, logprobs);
  }
}
