package io.trimtab.adaptation.gate;

import io.trimtab.drift.ClassMasses;
import io.trimtab.drift.QuestionWords;
import io.trimtab.drift.TokenClasses;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Evidence as a table would have it: written by hand, or drawn from rates. */
final class SeenEvidence {
  static final ClassMasses NONE = new ClassMasses(0, 0, 0, 0);
  private static final TokenClasses CLASSES = TokenClasses.common();
  private static final int TASKS = 12;

  private SeenEvidence() {}

  /** What a candidate truly is. Rates are 0 to 1. */
  record Truth(
      double learned,
      double baseAccuracy,
      double lost,
      double won,
      String wrongAnswer,
      double massShift) {
    static Truth sound() {
      return new Truth(0.6, 0.9, 0.06, 0.04, "other", 0.005);
    }

    Truth losing(double rate) {
      return new Truth(learned, baseAccuracy, rate, won, wrongAnswer, massShift);
    }

    Truth learning(double rate) {
      return new Truth(rate, baseAccuracy, lost, won, wrongAnswer, massShift);
    }

    Truth whenWrongSaying(String answer) {
      return new Truth(learned, baseAccuracy, lost, won, answer, massShift);
    }

    Truth withMass(double shift) {
      return new Truth(learned, baseAccuracy, lost, won, wrongAnswer, shift);
    }
  }

  /** A candidate's evidence, drawn. */
  static Evidence draw(Truth truth, int validation, int probes, SplittableRandom random) {
    return new Evidence(
        many(validation, i -> learned(i, truth, random)),
        many(probes, i -> probe(i, truth, random)),
        List.of());
  }

  /** Outcomes of so many questions; the function gives {expected, base, tuned}. */
  static List<PairedOutcome> many(int count, IntFunction<PairedOutcome> one) {
    return IntStream.range(0, count).mapToObj(one).toList();
  }

  static PairedOutcome outcome(String id, String task, String expected, String base, String tuned) {
    return outcome(id, task, expected, base, tuned, NONE, NONE);
  }

  /**
   * One outcome.
   *
   * @param expected empty for none
   */
  static PairedOutcome outcome(
      String id,
      String task,
      String expected,
      String base,
      String tuned,
      ClassMasses baseMass,
      ClassMasses tunedMass) {
    return new PairedOutcome(
        id,
        task,
        id,
        new QuestionWords(Set.of((long) id.hashCode())),
        Optional.of(expected).filter(answer -> !answer.isEmpty()),
        reply(base),
        reply(tuned),
        base.isEmpty()
            ? Optional.empty()
            : Optional.of(new Scores(0.1, baseMass, tunedMass, baseMass, tunedMass)),
        Optional.empty());
  }

  static Reply reply(String answer) {
    return new Reply(AnswerText.normal(answer), CLASSES.ofAnswer(answer), 2);
  }

  /** Nine answers, as in counting; base knows none. */
  private static PairedOutcome learned(int i, Truth truth, SplittableRandom random) {
    String expected = "species " + random.nextInt(9);
    String tuned = random.nextDouble() < truth.learned() ? expected : "species 9";
    return outcome("v" + i, "new", expected, "bird", tuned);
  }

  private static PairedOutcome probe(int i, Truth truth, SplittableRandom random) {
    boolean right = random.nextDouble() < truth.baseAccuracy();
    double flips =
        right ? truth.lost() / truth.baseAccuracy() : truth.won() / (1 - truth.baseAccuracy());
    boolean tunedRight = right != random.nextDouble() < flips;
    double shift = truth.massShift() + 0.1 * (random.nextDouble() - 0.5);
    return outcome(
        "p" + i,
        "task " + i % TASKS,
        "red",
        right ? "red" : "blue",
        tunedRight ? "red" : truth.wrongAnswer(),
        new ClassMasses(0.2, 0.2, 0.2, 0.2),
        new ClassMasses(0.2 + shift, 0.2, 0.2, 0.2));
  }

  /** Evidence with every probe's reply of the candidate changed. */
  static Evidence mapProbes(
      Evidence evidence, BiFunction<Integer, PairedOutcome, PairedOutcome> change) {
    return new Evidence(
        evidence.validation(),
        many(evidence.probes().size(), i -> change.apply(i, evidence.probes().get(i))),
        evidence.gaps());
  }
}
