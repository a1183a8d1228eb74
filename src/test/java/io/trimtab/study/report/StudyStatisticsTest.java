package io.trimtab.study.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.study.lab.CaptionBias;
import io.trimtab.study.plan.Form;
import io.trimtab.study.plan.Records;
import io.trimtab.study.plan.StageRecord;
import io.trimtab.study.plan.StudyRun;
import io.trimtab.study.plan.Variant;
import io.trimtab.study.report.Signals.Signal;
import io.trimtab.study.report.Signals.Sorting;
import io.trimtab.study.report.Spearman.Pair;
import io.trimtab.tuning.job.Recipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The report's arithmetic, against figures worked out by hand. */
class StudyStatisticsTest {
  private static StudyRun run(Recipe recipe, long seed) {
    return new StudyRun("dinghy-qwen", recipe, Form.LORA, Variant.PLAIN, seed);
  }

  private static Sequence sequence(StudyRun run, int learned, int... kept) {
    return new Sequence(run, Records.of(run, learned, kept));
  }

  private static Group group(Sequence... sequences) {
    return Group.of(List.of(sequences), Records.SCALE.skills().size()).getFirst();
  }

  @Test
  void ranksOfEqualValuesAreTheMeanOfTheirs() {
    assertThat(Spearman.ranks(new double[] {10, 20, 20, 5})).containsExactly(2, 3.5, 3.5, 1);
  }

  @Test
  void theCorrelationIsThatOfRanks() {
    // Ranks 1 2 3 4 5 against 2 1 4 3 5: 1 - 6 * (1 + 1 + 1 + 1 + 0) / (5 * 24) = 0.8.
    assertThat(Spearman.correlation(pairs(new double[] {1, 2, 3, 40, 500}, 20, 10, 40, 30, 50)))
        .isCloseTo(0.8, within(1e-12));
    assertThat(Spearman.correlation(pairs(new double[] {1, 2, 3}, 9, 4, 1)))
        .isCloseTo(-1, within(1e-12));
    // Ranks 1.5 1.5 3 against 1 2 3: 1.5 / sqrt(1.5 * 2).
    assertThat(Spearman.correlation(pairs(new double[] {7, 7, 8}, 1, 2, 3)))
        .isCloseTo(0.8660254, within(1e-6));
  }

  @Test
  void aCorrelationOfTooLittleOrOfEqualValuesIsNone() {
    assertThat(Spearman.correlation(pairs(new double[] {1, 2}, 1, 2))).isNaN();
    assertThat(Spearman.correlation(pairs(new double[] {1, 1, 1}, 1, 2, 3))).isNaN();
    assertThat(Spearman.correlation(pairs(new double[] {1, Double.NaN, 3}, 1, 2, 3))).isNaN();
  }

  private static List<Pair> pairs(double[] x, double... y) {
    return IntStream.range(0, x.length).mapToObj(i -> new Pair(x[i], y[i])).toList();
  }

  @Test
  void theCorrelationsIntervalIsOverSequences() {
    List<List<Pair>> up = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      up.add(pairs(new double[] {3 * i, 3 * i + 1, 3 * i + 2}, 3 * i, 3 * i + 1, 3 * i + 2));
    }
    Estimate sure = Spearman.of(up);
    assertThat(sure.value()).isCloseTo(1, within(1e-12));
    assertThat(sure.low()).isCloseTo(1, within(1e-9));

    List<List<Pair>> mixed = new ArrayList<>(up.subList(0, 3));
    mixed.add(pairs(new double[] {1, 2, 3}, 8, 4, 0));
    mixed.add(pairs(new double[] {5, 6, 7}, 2, 1, 0));
    Estimate unsure = Spearman.of(mixed);
    assertThat(unsure.low()).isLessThan(unsure.value());
    assertThat(unsure.high()).isGreaterThan(unsure.value());

    assertThat(Spearman.of(up.subList(0, 3)).bounded()).isFalse();
  }

  @Test
  void percentilesAreInterpolatedBetweenDraws() {
    // Of 0 to 100, places 2.5 and 97.5.
    double[] draws = IntStream.rangeClosed(0, 100).mapToDouble(i -> 100 - i).toArray();
    assertThat(Estimate.of(50, draws)).isEqualTo(new Estimate(50, 2.5, 97.5));
  }

  @Test
  void aProportionsIntervalIsTheBinomialsWithinNoise() {
    // 60 of 100 right, 0 before: sd of the mean is sqrt(0.6 * 0.4 / 100) = 4.9 points; two skills
    // that are asked other questions halve the variance.
    Estimate learned = group(sequence(run(Recipe.LLM, 1), 60, 80)).estimate(Sequence::learned);
    assertThat(learned.value()).isEqualTo(60);
    assertThat(learned.margin()).isCloseTo(1.96 * 4.9 / Math.sqrt(2), within(0.5));

    // Held-out 90 to 70 of the same questions: 20 lost, none gained: sqrt(0.2 * 0.8 / 100) = 4.
    Estimate kept = group(sequence(run(Recipe.LLM, 1), 60, 70)).estimate(Sequence::heldOutAtEnd);
    assertThat(kept.value()).isEqualTo(-20);
    assertThat(kept.margin()).isCloseTo(1.96 * 4, within(0.6));
  }

  @Test
  void seedsThatDifferWidenTheInterval() {
    Group same = group(sequence(run(Recipe.LLM, 1), 50, 70), sequence(run(Recipe.LLM, 2), 50, 70));
    Group apart = group(sequence(run(Recipe.LLM, 1), 50, 90), sequence(run(Recipe.LLM, 2), 50, 50));
    assertThat(same.estimate(Sequence::heldOutAtEnd).value()).isEqualTo(-20);
    assertThat(apart.estimate(Sequence::heldOutAtEnd).value()).isEqualTo(-20);
    // Half of the draws of two seeds are one seed twice.
    assertThat(apart.estimate(Sequence::heldOutAtEnd).margin()).isGreaterThan(20);
    assertThat(same.estimate(Sequence::heldOutAtEnd).margin()).isLessThan(10);
  }

  @Test
  void differencesAreOfTheSameQuestions() {
    // 80 and 75 right of the same questions in order: 5 of 100 differ, sqrt(.05 * .95 / 100) = 2.2;
    // apart, the two would be some 4.5 * sqrt(2).
    Group better = group(sequence(run(Recipe.SA_PROJ, 1), 50, 80));
    Group worse = group(sequence(run(Recipe.LLM, 1), 50, 75));
    Estimate difference = better.difference(worse, Sequence::heldOutAtEnd);
    assertThat(difference.value()).isEqualTo(5);
    assertThat(difference.margin()).isCloseTo(1.96 * 2.2, within(0.5));
  }

  /** Another seed may lose more or less; that says nothing of the recipe that has not run it. */
  @Test
  void differencesAreOfTheSeedsThatBothHave() {
    Group more =
        group(sequence(run(Recipe.SA_PROJ, 1), 50, 80), sequence(run(Recipe.SA_PROJ, 2), 50, 40));
    Group one = group(sequence(run(Recipe.LLM, 1), 50, 75));
    assertThat(more.difference(one, Sequence::heldOutAtEnd).value()).isEqualTo(5);
    assertThat(one.difference(more, Sequence::heldOutAtEnd).value()).isEqualTo(-5);
    Group other = group(sequence(run(Recipe.LLM, 3), 50, 75));
    assertThat(more.difference(other, Sequence::heldOutAtEnd).value()).isEqualTo(-15);
  }

  @Test
  void meansAreOverStagesAndTheEndIsTheLast() {
    Sequence sequence = sequence(run(Recipe.LLM, 1), 40, 80, 60);
    Resample asked = new Resample(Resample.ASKED);
    assertThat(sequence.heldOutAtEnd(asked)).isEqualTo(-30);
    assertThat(sequence.heldOutMean(asked)).isEqualTo(-20);
    assertThat(sequence.learned(asked)).isEqualTo(40);
    assertThat(sequence.learnedAtEnd(asked)).isEqualTo(40);
  }

  @Test
  void aSequenceThatIsNotWholeIsInNoGroup() {
    StudyRun run = run(Recipe.LLM, 1);
    Sequence half = new Sequence(run, Records.of(run, 40, 80).subList(0, 1));
    assertThat(Group.of(List.of(half), 2)).isEmpty();
  }

  @Test
  void verdictsAreReadOffTheInterval() {
    Estimate low = new Estimate(-12, -15, -11);
    assertThat(Verdict.below(low, -10)).isEqualTo(Verdict.REPEATED);
    assertThat(Verdict.above(low, -3)).isEqualTo(Verdict.NOT_REPEATED);
    assertThat(Verdict.below(new Estimate(-12, -15, -9), -10)).isEqualTo(Verdict.UNDECIDED);
    assertThat(Verdict.above(new Estimate(-1, -2.9, 1), -3)).isEqualTo(Verdict.REPEATED);
    assertThat(Verdict.above(Estimate.none(), 0)).isEqualTo(Verdict.MISSING);
  }

  @Test
  void aSplitsChanceIsTheBinomials() {
    // 9 against 1 of 10: 2 * (1 + 10) / 1024.
    assertThat(Recovery.signTest(9, 1)).isCloseTo(22.0 / 1024, within(1e-12));
    assertThat(Recovery.signTest(5, 5)).isEqualTo(1);
    assertThat(Recovery.signTest(0, 0)).isEqualTo(1);
  }

  @Test
  void whatComesBackIsCountedWhereMuchWasLost() {
    List<Sequence> sequences =
        List.of(
            sequence(run(Recipe.LLM, 1), 50, 40, 70),
            sequence(run(Recipe.LLM, 2), 50, 60, 61),
            sequence(run(Recipe.LLM, 3), 50, 60, 50),
            sequence(run(Recipe.SA_PROJ, 1), 50, 88, 90));
    // 30 questions back are no chance, one is; the last had lost nothing.
    assertThat(Recovery.of(sequences)).isEqualTo(new Recovery.Counts(3, 2, 1));
  }

  @Test
  void aLimitSortsTheStages() {
    // Losses of 30, 30, 20, 20, 2, 2, 1, 1 points; the signal is 0.05 above a hundredth of them.
    Signals signals =
        new Signals(
            List.of(
                sequence(run(Recipe.LLM, 1), 50, 60),
                sequence(run(Recipe.MLP, 1), 50, 70),
                sequence(run(Recipe.SA_PROJ, 1), 50, 88),
                sequence(run(Recipe.SA_QKV, 1), 50, 89)));
    Sorting sorting = signals.sorting(Signal.KL, 0.3, 5);
    assertThat(sorting).isEqualTo(new Sorting(0.3, 2, 2, 6, 2));
    assertThat(sorting.youden()).isEqualTo(0.5);
    assertThat(signals.sorting(Signal.KL, 0.01, 5).youden()).isZero();
    Sorting best = signals.best(Signal.KL, 5);
    assertThat(best.youden()).isEqualTo(1);
    assertThat(best.limit()).isBetween(0.07, 0.25);
  }

  @Test
  void aStageThatWasNotTakenTellsNothingOfItsSignals() {
    StudyRun run = run(Recipe.SA_PROJ, 1);
    StageRecord refused =
        Records.record(
            run, 1, Map.of("species", Records.answers(0, 0)), Records.answers(90, 90), 9, false);
    assertThat(new Signals(List.of(new Sequence(run, List.of(refused)))).stages()).isEmpty();
  }

  @Test
  void theCountingBiasIsOverStepsThenOverPictures() {
    // Pictures with masses 0.1 0.5 and 0.3: means 0.3 and 0.3, largest 0.5 and 0.3.
    CaptionBias.Masses masses = CaptionBias.of(new double[][] {{0.1, 0.5}, {0.3}});
    assertThat(masses.mean()).isCloseTo(0.3, within(1e-12));
    assertThat(masses.max()).isCloseTo(0.4, within(1e-12));
    assertThat(CaptionBias.of(new double[][] {{}, {0.4}}).mean()).isCloseTo(0.2, within(1e-12));
    assertThat(CaptionBias.of(new double[0][]).mean()).isNaN();
  }
}
