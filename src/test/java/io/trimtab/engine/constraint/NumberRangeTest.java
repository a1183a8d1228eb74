package io.trimtab.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The automaton of a range against arithmetic. */
class NumberRangeTest {
  @Test
  void integersOfEveryRange() {
    for (int low = -120; low <= 120; low += 7) {
      for (int high = low; high <= 130; high += 11) {
        Lexeme lexeme = NumberRange.of(bounds("" + low, "" + high, false, false), true);
        for (int value = -1300; value <= 1300; value++) {
          assertThat(accepts(lexeme, "" + value))
              .as("%d in [%d, %d]", value, low, high)
              .isEqualTo(value >= low && value <= high);
        }
      }
    }
  }

  @Test
  void integersWithOneBound() {
    for (int bound : new int[] {-1000, -37, -1, 0, 1, 9, 10, 99, 105}) {
      Lexeme above = NumberRange.of(NumberBounds.NONE.from(new BigDecimal(bound), true), true);
      Lexeme below = NumberRange.of(NumberBounds.NONE.to(new BigDecimal(bound), false), true);
      for (int value = -2000; value <= 2000; value++) {
        assertThat(accepts(above, "" + value)).as("%d > %d", value, bound).isEqualTo(value > bound);
        assertThat(accepts(below, "" + value))
            .as("%d <= %d", value, bound)
            .isEqualTo(value <= bound);
      }
      assertThat(accepts(above, "123456789012345678901234567890")).isTrue();
      assertThat(accepts(below, "-123456789012345678901234567890")).isTrue();
    }
  }

  @Test
  void decimalsOfRandomRanges() {
    Random random = new Random(11);
    for (int round = 0; round < 400; round++) {
      BigDecimal one = decimal(random);
      BigDecimal other = decimal(random);
      NumberBounds bounds =
          bounds(
              one.min(other).toPlainString(),
              one.max(other).toPlainString(),
              random.nextBoolean(),
              random.nextBoolean());
      Lexeme lexeme = NumberRange.of(bounds, false);
      for (int draw = 0; draw < 200; draw++) {
        BigDecimal value = near(random, draw % 2 == 0 ? one : other);
        boolean negativeZero = value.signum() == 0;
        String text = negativeZero ? "0" : value.toPlainString();
        assertThat(accepts(lexeme, text))
            .as("%s in %s", text, bounds)
            .isEqualTo(bounds.holds(value));
      }
    }
  }

  @Test
  void halfOpenDecimals() {
    Lexeme lexeme = NumberRange.of(bounds("0", "1", false, false), false);
    for (String in : new String[] {"0", "0.0", "0.5", "1", "1.0", "1.000", "0.99999"}) {
      assertThat(accepts(lexeme, in)).as(in).isTrue();
    }
    for (String out : new String[] {"-0", "-0.1", "1.01", "2", "00", "1e0", "0.", ""}) {
      assertThat(accepts(lexeme, out)).as(out).isFalse();
    }
    Lexeme positive = NumberRange.of(NumberBounds.NONE.from(BigDecimal.ZERO, true), false);
    assertThat(accepts(positive, "0.0")).isFalse();
    assertThat(accepts(positive, "0.001")).isTrue();
    assertThat(accepts(positive, "1234567890123.5")).isTrue();
  }

  @Test
  void whatIsEmpty() {
    assertThat(NumberRange.of(bounds("1.2", "1.8", false, false), true).isEmpty()).isTrue();
    assertThat(NumberRange.of(bounds("1", "1", true, false), false).isEmpty()).isTrue();
    assertThat(NumberRange.of(bounds("0", "0", false, false), false).isEmpty()).isFalse();
  }

  /** A bound of forty digits makes no more states than its digits. */
  @Test
  void statesAreFew() {
    Lexeme lexeme =
        NumberRange.of(
            bounds(
                "-12345678901234567890.12345678901234567890", "98765432109876543210.5", true, true),
            false);
    assertThat(lexeme.first().length).isLessThan(2000);
  }

  private static BigDecimal decimal(Random random) {
    return BigDecimal.valueOf(random.nextInt(4000) - 2000, random.nextInt(4)).stripTrailingZeros();
  }

  private static BigDecimal near(Random random, BigDecimal bound) {
    return switch (random.nextInt(4)) {
      case 0 -> bound;
      case 1 -> bound.add(BigDecimal.valueOf(random.nextInt(21) - 10, random.nextInt(6)));
      case 2 -> bound.setScale(Math.max(bound.scale(), 0) + random.nextInt(3));
      default -> BigDecimal.valueOf(random.nextInt(40000) - 20000, random.nextInt(5));
    };
  }

  private static NumberBounds bounds(
      String low, String high, boolean lowExcluded, boolean highExcluded) {
    return NumberBounds.NONE
        .from(new BigDecimal(low), lowExcluded)
        .to(new BigDecimal(high), highExcluded);
  }

  private static boolean accepts(Lexeme lexeme, String text) {
    int state = 0;
    for (char octet : text.toCharArray()) {
      state = lexeme.next(state, octet);
      if (state == Lexeme.DEAD) {
        return false;
      }
    }
    return lexeme.accepts(state);
  }
}
