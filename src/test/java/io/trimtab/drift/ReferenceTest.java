package io.trimtab.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.drift.SeenShifts.Seen;
import io.trimtab.drift.SeenShifts.Use;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a revision may do, by the kind of question. */
class ReferenceTest {
  private static final Quantities QUANTITIES = new Quantities(WatchedClasses.builtIn());
  private static final int NUMBERS = 0;
  private static final QuestionWords COUNTING = Shifts.words(1, 2, 3);
  private static final QuestionWords COLOURS = Shifts.words(1, 4, 5);
  private static final QuestionWords SHAPES = Shifts.words(1, 4, 6);
  private static final QuestionWords UNHEARD = Shifts.words(1, 7, 8);

  /**
   * Taught to count: on its own questions nine in ten answers are numbers that base does not say.
   */
  private static final Reference REFERENCE =
      Reference.of(
          List.of(
              seen("correction", Use.TAUGHT, COUNTING, 60, 0.9),
              seen("color", Use.KEPT, COLOURS, 40, 0),
              seen("shape", Use.KEPT, SHAPES, 10, 0.1)),
          QUANTITIES);

  @Test
  void whatWasLearnedIsAllowedWhereItWasLearnedAlone() {
    assertThat(REFERENCE.kind(COUNTING).expected(NUMBERS).bound()).isBetween(0.9, 0.98);
    assertThat(REFERENCE.kind(COLOURS).expected(NUMBERS).bound()).isLessThan(0.2);
  }

  @Test
  void aQuestionThatNobodyHasHeardMayDoWhatAnyMay() {
    assertThat(REFERENCE.kind(UNHEARD).expected(NUMBERS))
        .isEqualTo(REFERENCE.kind(COUNTING).expected(NUMBERS));
  }

  /**
   * Of colours: 40 answers of mean 0 and 60 borrowed of the kept tasks' mean, 0.02; so 100 of mean
   * 0.012, whose Wilson bound at 2.33 errors is 0.072, and 0.02 on it.
   */
  @Test
  void theBoundIsWilsonsWithWhatIsBorrowed() {
    Expected colours = REFERENCE.kind(COLOURS).expected(NUMBERS);
    double z = 2.33;
    double p = 0.02 * 60 / 100;
    double centre = (p + z * z / 200) / (1 + z * z / 100);
    double margin = z / (1 + z * z / 100) * Math.sqrt(p * (1 - p) / 100 + z * z / (4 * 10_000.0));
    assertThat(colours.bound())
        .isCloseTo(centre + margin + 0.02, within(1e-9))
        .isBetween(0.08, 0.1);
  }

  /** Fewer answers widen it. */
  @Test
  void fewProbesSayLittle() {
    assertThat(REFERENCE.kind(SHAPES).expected(NUMBERS).bound())
        .isGreaterThan(REFERENCE.kind(COLOURS).expected(NUMBERS).bound());
  }

  @Test
  void wordsOfTwoTasksMayDoWhatEitherMay() {
    Reference both =
        Reference.of(
            List.of(
                seen("correction", Use.TAUGHT, COUNTING, 60, 0.9),
                seen("crowd", Use.KEPT, COUNTING, 60, 0)),
            QUANTITIES);
    assertThat(both.kind(COUNTING).expected(NUMBERS).bound()).isGreaterThan(0.9);
  }

  @Test
  void withoutAnEnvelopeItIsHeldAgainstBase() {
    Reference none = Reference.of(List.of(), QUANTITIES);
    assertThat(none.origin()).isEqualTo(Reference.Origin.BASE);
    assertThat(none.kind(UNHEARD).expected(NUMBERS).bound()).isEqualTo(0.1);
    assertThat(none.kind(UNHEARD).expected(QUANTITIES.control()).bound()).isEqualTo(0.98);
    assertThat(REFERENCE.origin()).isEqualTo(Reference.Origin.ENVELOPE);
  }

  /** An envelope from before a class was configured says nothing about it. */
  @Test
  void whatTheGateDidNotMeasureIsHeldToNothing() {
    Quantities more =
        new Quantities(
            new WatchedClasses(List.of(new WordClass("colours", java.util.Set.of("red")))));
    int colours = more.all().stream().map(Quantity::key).toList().indexOf("colours_bias+");
    Reference old = Reference.of(List.of(seen("color", Use.KEPT, COLOURS, 40, 0)), more);
    assertThat(old.kind(COLOURS).expected(colours).bound()).isEqualTo(0.98);
  }

  @Test
  void noMoreWordsAreKeptThanMayBe() {
    List<Seen> many = new ArrayList<>();
    for (int i = 0; i < 2 * SeenShifts.WORDS_MAX; i++) {
      many.add(new Seen(Shifts.words(i), Shifts.of(QUANTITIES, NUMBERS, 0)));
    }
    SeenShifts seen = SeenShifts.of("color", Use.KEPT, many, QUANTITIES);
    assertThat(seen.words()).hasSize(SeenShifts.WORDS_MAX);
    assertThat(seen.answers()).isEqualTo(2 * SeenShifts.WORDS_MAX);
  }

  /** So many answers, a share of which are wholly numbers where base has none. */
  static SeenShifts seen(String task, Use use, QuestionWords words, int answers, double share) {
    List<Seen> seen = new ArrayList<>();
    for (int i = 0; i < answers; i++) {
      seen.add(new Seen(words, Shifts.of(QUANTITIES, NUMBERS, i < share * answers ? 1 : 0)));
    }
    return SeenShifts.of(task, use, seen, QUANTITIES);
  }
}
