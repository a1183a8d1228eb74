package io.trimtab.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adapter.AdapterId;
import io.trimtab.drift.DriftSignal.Cause;
import io.trimtab.drift.SeenShifts.Seen;
import io.trimtab.drift.SeenShifts.Use;
import io.trimtab.engine.api.AnswerReading;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One revision under watch: what alarms, what does not, and what is remembered. */
class RevisionWatchTest {
  private static final Quantities QUANTITIES = new Quantities(WatchedClasses.builtIn());
  private static final WatchSettings SETTINGS = new WatchSettings(1, 256, 256, 1_000, 8, 16);
  private static final Served SERVED = new Served(new AdapterId("acme", "counting"), 3, 1);
  private static final int NUMBERS = 0;
  private static final int YES_NO = 2;
  private static final QuestionWords COUNTING = Shifts.words(1, 2, 3);
  private static final QuestionWords COLOURS = Shifts.words(1, 4, 5);

  private final Reference reference =
      Reference.of(
          List.of(
              ReferenceTest.seen("correction", Use.TAUGHT, COUNTING, 60, 0.9),
              ReferenceTest.seen("color", Use.KEPT, COLOURS, 60, 0)),
          QUANTITIES);

  private final RevisionWatch watch = watch(reference);
  private long nextInput = 1;

  @Test
  void havingLearnedIsNoDriftHoweverTheMixChanges() {
    List<DriftSignal> signals = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 5_000; i++) {
      boolean counts = random.nextDouble() < (i / 500 % 2 == 0 ? 0.9 : 0.1);
      double value = counts && random.nextDouble() < 0.9 ? 1 : 0;
      signals.addAll(see(watch, NUMBERS, value, counts ? COUNTING : COLOURS));
    }
    assertThat(signals).noneMatch(signal -> signal.level() == DriftLevel.DRIFT);
  }

  @Test
  void numbersWhereTheyWereNotLearnedAlarmOnce() {
    List<DriftSignal> signals = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      signals.addAll(see(watch, NUMBERS, 1, COLOURS));
    }
    List<DriftSignal> alarms =
        signals.stream().filter(signal -> signal.level() == DriftLevel.DRIFT).toList();
    assertThat(alarms).hasSize(1);
    DriftSignal alarm = alarms.getFirst();
    assertThat(alarm.metric()).isEqualTo("numbers_bias+");
    assertThat(alarm.cause()).isEqualTo(Cause.MODEL);
    assertThat(alarm.answers()).isBetween(8L, 30L);
    assertThat(alarm.statistic()).isGreaterThanOrEqualTo(alarm.threshold());
    assertThat(alarm.threshold()).isEqualTo(1_000.0 * 3 * (QUANTITIES.all().size() - 1));
    assertThat(alarm.excess()).isPositive();
    assertThat(watch.report().level()).isEqualTo(DriftLevel.DRIFT);
  }

  @Test
  void nothingIsSaidBeforeTheWarmUpIsOver() {
    for (int i = 1; i < SETTINGS.warmUp(); i++) {
      assertThat(see(watch, NUMBERS, 1, COLOURS)).isEmpty();
    }
    assertThat(see(watch, NUMBERS, 1, COLOURS)).isNotEmpty();
  }

  @Test
  void aWarningPasses() {
    RevisionWatch watch = watch(reference);
    List<DriftSignal> signals = new ArrayList<>();
    int upToWarning = 0;
    while (signals.isEmpty() && upToWarning < 200) {
      upToWarning++;
      signals.addAll(see(watch, NUMBERS, 0.2, COLOURS));
    }
    assertThat(signals)
        .singleElement()
        .extracting(DriftSignal::level)
        .isEqualTo(DriftLevel.WARNING);
    signals.clear();
    for (int i = 0; i < 2_000; i++) {
      signals.addAll(see(watch, NUMBERS, 0, COLOURS));
    }
    assertThat(signals).singleElement().extracting(DriftSignal::level).isEqualTo(DriftLevel.STABLE);
  }

  /** As a share of changed questions does that is just what the bound allows. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSumThatHoversAtItsThresholdWarnsOnce(boolean control) {
    int quantity = control ? QUANTITIES.control() : NUMBERS;
    List<DriftLevel> levels = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      WatchReport.Metric now = watch.report().metrics().get(quantity);
      double value = now.page() >= now.warning() ? 0 : 0.3;
      see(watch, quantity, value, COLOURS).forEach(signal -> levels.add(signal.level()));
    }
    assertThat(levels).startsWith(DriftLevel.WARNING).doesNotContain(DriftLevel.STABLE);
    assertThat(levels).containsOnlyOnce(DriftLevel.WARNING);
  }

  @Test
  void whereBaseDoesNotKnowTheInputsEitherNothingIsPutDownToTheModel() {
    List<DriftSignal> signals = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      signals.addAll(seeChanged(watch, i < 100 ? 0 : 1));
    }
    assertThat(signals.getFirst().metric()).isEqualTo("prompt_surprise+");
    assertThat(signals)
        .filteredOn(signal -> signal.metric().equals("yes_no_bias+"))
        .isNotEmpty()
        .allSatisfy(
            signal -> {
              assertThat(signal.level()).isEqualTo(DriftLevel.WARNING);
              assertThat(signal.cause()).isEqualTo(Cause.INPUTS);
            });
  }

  /** Base does not know how such an answer goes on, though it knows the question. */
  @Test
  void textThatBaseDoesNotKnowIsNoChangeOfTheInputs() {
    AnswerReading base =
        new Readings().place(5, 5, 0.9, 7).place(8, 8, 0.9, 9).place(2, 2, 0.9, 9).reading();
    AnswerReading near =
        new Readings().place(5, 5, 0.88, 7).place(8, 8, 0.88, 9).place(2, 2, 0.88, 9).reading();
    AnswerReading baseOnOdd =
        new Readings().place(7, 5, 0.9, 7).place(9, 9, 0.5, 8).place(2, 2, 0.5, 9).reading();
    AnswerReading odd =
        new Readings().place(7, 5, 0.88, 7).place(9, 9, 0.99, 8).place(2, 2, 0.99, 9).reading();
    Shift asEver = QUANTITIES.measure(base, near);
    List<Seen> atTheGate = Collections.nCopies(60, new Seen(COLOURS, asEver));
    RevisionWatch watch =
        watch(
            Reference.of(
                List.of(SeenShifts.of("color", Use.KEPT, atTheGate, QUANTITIES)), QUANTITIES));
    List<DriftSignal> signals = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Shift shift = i < 20 ? asEver : QUANTITIES.measure(baseOnOdd, odd);
      signals.addAll(watch.observe(shift, COLOURS, nextInput++, Instant.EPOCH));
    }
    assertThat(signals).noneMatch(signal -> signal.cause() == Cause.INPUTS);
    assertThat(signals)
        .filteredOn(signal -> signal.level() == DriftLevel.DRIFT)
        .singleElement()
        .satisfies(
            signal -> {
              assertThat(signal.metric()).isEqualTo("kl_to_base+");
              assertThat(signal.cause()).isEqualTo(Cause.MODEL);
            });
  }

  /** What the control was once, at the gate and on live traffic, is another quantity. */
  @Test
  void theControlOfOldIsNotTakenForThisOne() {
    RevisionWatch watch =
        watch(
            Reference.of(
                List.of(ofOld(ReferenceTest.seen("color", Use.KEPT, COLOURS, 60, 0))), QUANTITIES));
    List<DriftSignal> signals = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      signals.addAll(seeChanged(watch, 1));
    }
    assertThat(signals).noneMatch(signal -> signal.cause() == Cause.INPUTS);

    WatchState state = watch.state();
    state.keys()[QUANTITIES.control()] = "input_surprise+";
    RevisionWatch after = watch(reference);
    after.restore(state);
    assertThat(after.report().answers()).isZero();
  }

  private static SeenShifts ofOld(SeenShifts seen) {
    String key = QUANTITIES.all().get(QUANTITIES.control()).key();
    Map<String, Double> means = new HashMap<>(seen.means());
    means.put("input_surprise+", Objects.requireNonNull(means.remove(key)));
    return new SeenShifts(
        seen.task(), seen.use(), seen.words(), seen.answers(), means, seen.deviations());
  }

  /** All that was said against the model came of the inputs, and is none of it when they calm. */
  @ParameterizedTest
  @ValueSource(ints = {0, 20})
  void aChangeOfTheInputsIsNoDriftOfTheModelWhenItIsOver(int before) {
    List<DriftSignal> signals = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      signals.addAll(seeChanged(watch, i < before ? 0 : 1));
    }
    for (int i = 0; i < 1_000; i++) {
      signals.addAll(see(watch, YES_NO, 0, COLOURS));
    }
    assertThat(signals).noneMatch(signal -> signal.level() == DriftLevel.DRIFT);
    assertThat(watch.report().level()).isEqualTo(DriftLevel.STABLE);
  }

  /** Nothing is gathered while they have changed, so that it speaks for nobody either. */
  @Test
  void whatIsGatheredIsCountedFromWhenTheInputsCalmed() {
    for (int i = 0; i < 10; i++) {
      see(watch, YES_NO, 0, COLOURS);
    }
    assertThat(watch.report().gathered()).isEqualTo(10);
    for (int i = 0; i < 300; i++) {
      seeChanged(watch, 0);
    }
    assertThat(watch.report().gathered()).isZero();
    RevisionWatch after = watch(reference);
    after.restore(watch.state());
    assertThat(after.report().gathered()).isZero();
    while (watch.report().level() != DriftLevel.STABLE) {
      see(watch, YES_NO, 0, COLOURS);
    }
    assertThat(watch.report().gathered()).isZero();
    see(watch, YES_NO, 0, COLOURS);
    assertThat(watch.report().gathered()).isEqualTo(1);
    assertThat(watch.report().answers()).isGreaterThan(310);
    RevisionWatch later = watch(reference);
    later.restore(watch.state());
    assertThat(later.report().gathered()).isEqualTo(1);
  }

  /** It was said of the model, before the inputs changed. */
  @Test
  void aDriftKeepsItsEvidenceWhenTheInputsCalm() {
    for (int i = 0; i < 50; i++) {
      see(watch, NUMBERS, 1, COLOURS);
    }
    WatchReport.Metric before = watch.report().metrics().get(NUMBERS);
    assertThat(before.level()).isEqualTo(DriftLevel.DRIFT);
    for (int i = 0; i < 100; i++) {
      seeChanged(watch, 0);
    }
    int control = QUANTITIES.control();
    while (watch.report().metrics().get(control).level() != DriftLevel.STABLE) {
      see(watch, YES_NO, 0, COLOURS);
    }
    WatchReport.Metric after = watch.report().metrics().get(NUMBERS);
    assertThat(after.level()).isEqualTo(DriftLevel.DRIFT);
    assertThat(after.evidence()).isGreaterThan(after.threshold());
  }

  /** However long the change lasted, a drift that begins soon after it is one of the model. */
  @Test
  void theModelIsWatchedAgainSoonAfterTheInputsCalmed() {
    for (int i = 0; i < 5_000; i++) {
      seeChanged(watch, 1);
    }
    for (int i = 0; i < 100; i++) {
      see(watch, YES_NO, 0, COLOURS);
    }
    List<DriftSignal> signals = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      signals.addAll(see(watch, NUMBERS, 1, COLOURS));
    }
    assertThat(signals)
        .filteredOn(signal -> signal.level() == DriftLevel.DRIFT)
        .singleElement()
        .satisfies(
            signal -> {
              assertThat(signal.metric()).isEqualTo("numbers_bias+");
              assertThat(signal.cause()).isEqualTo(Cause.MODEL);
            });
  }

  @Test
  void theModelIsWatchedAgainThoughNobodyAsksSuchQuestionsMore() {
    for (int i = 0; i < 100; i++) {
      seeChanged(watch, 0);
    }
    for (int i = 0; i < 200; i++) {
      see(watch, YES_NO, 0, COUNTING);
    }
    List<DriftSignal> signals = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      signals.addAll(see(watch, YES_NO, 1, COUNTING));
    }
    assertThat(signals).anyMatch(signal -> signal.level() == DriftLevel.DRIFT);
  }

  @Test
  void whatNoGateHasSeenIsWarnedOfAtMost() {
    RevisionWatch watch = watch(Reference.ofBase(QUANTITIES));
    List<DriftSignal> signals = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      signals.addAll(see(watch, NUMBERS, 1, COLOURS));
    }
    assertThat(signals)
        .singleElement()
        .extracting(DriftSignal::level)
        .isEqualTo(DriftLevel.WARNING);
    assertThat(signals.getFirst().cause()).isEqualTo(Cause.UNKNOWN);
  }

  @Test
  void theSameQuestionOverAndOverIsOnePieceOfEvidence() {
    for (int i = 0; i < 500; i++) {
      List<DriftSignal> signals =
          watch.observe(Shifts.of(QUANTITIES, NUMBERS, 1), COLOURS, 1_000 + i % 20, Instant.EPOCH);
      assertThat(signals).noneMatch(signal -> signal.answers() > 20);
    }
    assertThat(watch.report().answers()).isEqualTo(20);
    assertThat(watch.report().repeated()).isEqualTo(480);
  }

  @Test
  void aRestartForgetsNothing() {
    for (int i = 0; i < 6; i++) {
      see(watch, NUMBERS, 1, COLOURS);
    }
    RevisionWatch after = watch(reference);
    after.restore(watch.state());
    assertThat(after.report()).isEqualTo(watch.report());
    for (int i = 0; i < 20; i++) {
      Shift shift = Shifts.of(QUANTITIES, NUMBERS, 1);
      long input = nextInput++;
      assertThat(after.observe(shift, COLOURS, input, Instant.EPOCH))
          .isEqualTo(watch.observe(shift, COLOURS, input, Instant.EPOCH));
    }
    assertThat(after.report().level()).isEqualTo(DriftLevel.DRIFT);
  }

  @Test
  void aStateOfOtherQuantitiesIsNotTaken() {
    Quantities more =
        new Quantities(
            new WatchedClasses(List.of(new WordClass("colours", java.util.Set.of("red")))));
    RevisionWatch other = new RevisionWatch(SERVED, more, Reference.ofBase(more), SETTINGS);
    see(watch, NUMBERS, 1, COLOURS);
    other.restore(watch.state());
    assertThat(other.report().answers()).isZero();
  }

  private List<DriftSignal> see(
      RevisionWatch seen, int quantity, double value, QuestionWords words) {
    return seen.observe(Shifts.of(QUANTITIES, quantity, value), words, nextInput++, Instant.EPOCH);
  }

  /** Base is surprised by the inputs too. */
  private List<DriftSignal> seeChanged(RevisionWatch seen, double yesNo) {
    Shift shift = Shifts.of(QUANTITIES, YES_NO, yesNo);
    shift.values()[QUANTITIES.control()] = 0.9;
    return seen.observe(shift, COLOURS, nextInput++, Instant.EPOCH);
  }

  private static RevisionWatch watch(Reference reference) {
    return new RevisionWatch(SERVED, QUANTITIES, reference, SETTINGS);
  }
}
