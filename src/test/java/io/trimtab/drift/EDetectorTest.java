package io.trimtab.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

/** The guarantee it is built on, exactly and by simulation, and that it sees what it is for. */
class EDetectorTest {
  private static final double BOUND = 0.2;

  /** All sequences of ten zeros and ones whose mean is the bound: the expectation is their number. */
  @Test
  void underTheBoundTheStatisticGrowsByOneANumberInExpectation() {
    int length = 10;
    double expectation = 0;
    for (int sequence = 0; sequence < 1 << length; sequence++) {
      double[] state = new double[EDetector.STATE];
      double probability = 1;
      for (int i = 0; i < length; i++) {
        int x = sequence >> i & 1;
        probability *= x == 1 ? BOUND : 1 - BOUND;
        EDetector.update(state, 0, x, BOUND);
      }
      expectation += probability * EDetector.statistic(state, 0);
    }
    assertThat(expectation).isCloseTo(length, within(1e-9));
  }

  /** At the very bound, where it is hardest; what it may be changes from one to the next. */
  @Test
  void falseAlarmsAreNoMoreFrequentThanStated() {
    double averageRunLength = 500;
    int streams = 200;
    double total = 0;
    for (int stream = 0; stream < streams; stream++) {
      SplittableRandom random = new SplittableRandom(stream);
      double[] state = new double[EDetector.STATE];
      int length = 0;
      while (EDetector.statistic(state, 0) < averageRunLength && length < 100_000) {
        double bound = random.nextBoolean() ? 0.05 : 0.4;
        EDetector.update(state, 0, random.nextDouble() < bound ? 1 : 0, bound);
        length++;
      }
      total += length;
    }
    // Half of the standard error of 200 run lengths is 4 %: 0.85 leaves three of them.
    assertThat(total / streams).isGreaterThan(0.85 * averageRunLength);
  }

  @Test
  void aJumpIsSeenInAHandfulOfNumbersAndALeakInHundreds() {
    assertThat(numbersToAlarm(0.05, () -> 1)).isLessThan(10);
    SplittableRandom random = new SplittableRandom(7);
    int leak = numbersToAlarm(0.05, () -> random.nextDouble() < 0.12 ? 1 : 0);
    assertThat(leak).isBetween(20, 1_000);
  }

  @Test
  void whatStaysBelowNeverAlarms() {
    assertThat(numbersToAlarm(0.1, () -> 0.08)).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void theStatisticStaysFinite() {
    double[] state = new double[EDetector.STATE];
    for (int i = 0; i < 10_000; i++) {
      EDetector.update(state, 0, 1, 0.01);
    }
    assertThat(EDetector.statistic(state, 0)).isFinite();
  }

  private static int numbersToAlarm(double bound, DoubleSupplier numbers) {
    double[] state = new double[EDetector.STATE];
    for (int i = 1; i <= 100_000; i++) {
      EDetector.update(state, 0, numbers.getAsDouble(), bound);
      if (EDetector.statistic(state, 0) >= 200_000) {
        return i;
      }
    }
    return Integer.MAX_VALUE;
  }
}
