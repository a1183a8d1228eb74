package io.trimtab.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PageDetectorTest {
  /**
   * k = 0.25 and h = 8.01 have an average run length of 370 for normal numbers (Montgomery,
   * Introduction to Statistical Quality Control, table 9.4; one side of a two-sided chart of 370
   * has 740). Siegmund's formula: (exp(0.5·9.176) - 0.5·9.176 - 1)/0.125 = 741.
   */
  @Test
  void theThresholdIsThatOfTheTables() {
    assertThat(PageDetector.threshold(740)).isCloseTo(8.01, within(0.01));
  }

  @Test
  void itSumsWhatExceedsBoundAndAllowance() {
    Expected expected = new Expected(0.1, 0.2);
    double first = PageDetector.update(0, 0.4, expected);
    assertThat(first).isCloseTo(2 - 0.25, within(1e-12));
    assertThat(PageDetector.update(first, 0.1, expected)).isCloseTo(0.5, within(1e-12));
    assertThat(PageDetector.update(first, 0, expected)).isZero();
  }

  @Test
  void aNumberThatHardlyVariedAtTheGateMayVaryALittle() {
    Expected still = new Expected(0, 0.05);
    assertThat(PageDetector.update(0, 0.1, still)).isCloseTo(0.75, within(1e-12));
  }

  @Test
  void theRunLengthOfNormalNumbersIsAsStated() {
    double stated = 400;
    double threshold = PageDetector.threshold(stated);
    Expected expected = new Expected(0.1, 0.5);
    int streams = 300;
    double total = 0;
    for (int stream = 0; stream < streams; stream++) {
      Random random = new Random(stream);
      double statistic = 0;
      int length = 0;
      while (statistic < threshold) {
        statistic = PageDetector.update(statistic, random.nextGaussian(0.5, 0.1), expected);
        length++;
      }
      total += length;
    }
    // Three standard errors of 300 run lengths, which are as spread as they are long.
    assertThat(total / streams).isCloseTo(stated, within(0.18 * stated));
  }
}
