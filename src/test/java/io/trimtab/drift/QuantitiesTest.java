package io.trimtab.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.engine.api.AnswerReading;
import java.util.List;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** What is measured of two readings, against numbers worked out by hand. */
class QuantitiesTest {
  private static final Quantities QUANTITIES = new Quantities(WatchedClasses.builtIn());

  /** Probabilities are kept as float32 logarithms. */
  private static final Offset<Double> ROUNDING = within(1e-6);

  /** "7", then the end, where base would have said "red" and then something else. */
  private static final AnswerReading TUNED =
      new Readings()
          .place(7, 7, 0.9, 5, 0.9, 0, 0, 0.02)
          .place(8, 8, 0.8, 5, 0, 0, 0, 0.1)
          .place(2, 2, 0.7, 5, 0, 0, 0, 0.7)
          .reading();

  private static final AnswerReading BASE =
      new Readings()
          .place(7, 5, 0.6, 7, 0.4, 0.3, 0, 0.05)
          .place(8, 8, 0.5, 5, 0, 0, 0, 0.5)
          .place(2, 2, 0.9, 5, 0, 0, 0, 0.9)
          .reading();

  @Test
  void classesAreMeansOverThePlacesEachWayByItself() {
    Shift shift = QUANTITIES.measure(BASE, TUNED);
    assertThat(value(shift, "numbers_bias+")).isCloseTo((0.9 - 0.4) / 3, ROUNDING);
    assertThat(value(shift, "numbers_bias-")).isZero();
    assertThat(value(shift, "yes_no_bias+")).isZero();
    assertThat(value(shift, "yes_no_bias-")).isCloseTo(0.1, ROUNDING);
    assertThat(value(shift, "refusals_bias+")).isZero();
    assertThat(shift.base()[index("numbers_bias+")]).isCloseTo(0.4 / 3, ROUNDING);
    assertThat(shift.tuned()[index("numbers_bias+")]).isCloseTo(0.3, ROUNDING);
  }

  @Test
  void silenceIsTheEndAtTheFirstPlaceAlone() {
    Shift shift = QUANTITIES.measure(BASE, TUNED);
    assertThat(value(shift, "silence_bias-")).isCloseTo(0.03, ROUNDING);
    assertThat(value(shift, "silence_bias+")).isZero();
  }

  /** At the second of three places: base goes on with 0.5, the tuned model with 0.9. */
  @Test
  void lengthIsHowProbableItIsToGoOn() {
    Shift shift = QUANTITIES.measure(BASE, TUNED);
    assertThat(value(shift, "length_bias+")).isCloseTo(0.4, ROUNDING);
    assertThat(value(shift, "length_bias-")).isZero();
    assertThat(value(QUANTITIES.measure(TUNED, BASE), "length_bias-")).isCloseTo(0.4, ROUNDING);
  }

  @Test
  void klIsOverAllPlacesInItsUnit() {
    double first = 0.6 * Math.log(0.6 / 0.1) + 0.4 * Math.log(0.4 / 0.9);
    double second = 0.5 * Math.log(0.5 / 0.8) + 0.5 * Math.log(0.5 / 0.2);
    double third = 0.9 * Math.log(0.9 / 0.7) + 0.1 * Math.log(0.1 / 0.3);
    double kl = (first + second + third) / 3;
    // The tail of two float32 rows is taken to be 1e-6 at least.
    Shift shift = QUANTITIES.measure(BASE, TUNED);
    assertThat(value(shift, "kl_to_base+")).isCloseTo(kl / Quantities.KL_UNIT, within(1e-4));
    int at = index("kl_to_base+");
    assertThat(shift.base()[at]).isZero();
    assertThat(shift.tuned()[at]).isEqualTo(shift.value(at));
  }

  @Test
  void disagreementIsOfTheBestTokens() {
    assertThat(value(QUANTITIES.measure(BASE, TUNED), "disagreement+"))
        .isCloseTo(1 / 3.0, ROUNDING);
  }

  @Test
  void theControlIsBasesAloneBeforeAnyTokenOfTheAnswer() {
    Shift shift = QUANTITIES.measure(BASE, TUNED);
    assertThat(QUANTITIES.all().get(QUANTITIES.control()).key()).isEqualTo("prompt_surprise+");
    assertThat(value(shift, "prompt_surprise+")).isCloseTo(1 - 0.6, ROUNDING);
  }

  @Test
  void theSameModelHasNoShift() {
    Shift shift = QUANTITIES.measure(BASE, BASE);
    for (int i = 0; i < QUANTITIES.control(); i++) {
      assertThat(shift.value(i)).as(QUANTITIES.all().get(i).key()).isCloseTo(0, within(1e-6));
    }
  }

  @Test
  void oneTokenIsEnough() {
    AnswerReading silent = new Readings().place(2, 2, 0.9, 5, 0, 0, 0, 0.9).reading();
    AnswerReading talking = new Readings().place(2, 5, 0.9, 2, 0, 0, 0, 0.1).reading();
    Shift shift = QUANTITIES.measure(talking, silent);
    assertThat(value(shift, "silence_bias+")).isCloseTo(0.8, ROUNDING);
    assertThat(value(shift, "length_bias+")).isZero();
  }

  @Test
  void otherTokensCannotBeCompared() {
    AnswerReading shorter = new Readings().place(2, 2, 0.9, 5).reading();
    assertThatThrownBy(() -> QUANTITIES.measure(BASE, shorter))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Base read 3 places with 4 sets, the tuned model 1 with 4");
  }

  @Test
  void aClassOfTheOperatorsIsWatchedBothWays() {
    WatchedClasses classes =
        new WatchedClasses(List.of(new WordClass("colours", Set.of("red", "Green "))));
    assertThat(new Quantities(classes).all())
        .extracting(Quantity::key)
        .contains("colours_bias+", "colours_bias-");
    assertThat(classes.sets().getLast().holds(" green")).isTrue();
    assertThat(classes.sets().getLast().holds("greenish")).isFalse();
  }

  @Test
  void aClassWithoutWordsOrWithATakenNameIsRefused() {
    assertThatThrownBy(() -> new WordClass("colours", Set.of(" ")))
        .hasMessage("The token class 'colours' has no words, expected at least one");
    assertThatThrownBy(() -> new WordClass("numbers", Set.of("red")))
        .hasMessage("The token class 'numbers' is built in, expected another name");
    assertThatThrownBy(() -> new WordClass("Co lours", Set.of("red")))
        .hasMessageContaining("The token class is named 'Co lours', expected");
    WordClass once = new WordClass("colours", Set.of("red"));
    assertThatThrownBy(() -> new WatchedClasses(List.of(once, once)))
        .hasMessage("The token class 'colours' is configured twice, expected once");
  }

  private static double value(Shift shift, String key) {
    return shift.value(index(key));
  }

  private static int index(String key) {
    return QUANTITIES.all().stream().map(Quantity::key).toList().indexOf(key);
  }
}
