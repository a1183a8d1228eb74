package io.trimtab.adaptation.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.gate.SeenEvidence.Truth;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Verdict;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * How often the gate errs, over candidates whose truth is known: what it sees of each is drawn with
 * a fixed seed, 60 corrections and 300 probes. The required rates leave room for the noise of 200
 * draws.
 */
class GateRatesTest {
  private static final GateLimits LIMITS = GateLimits.defaults();
  private static final int CANDIDATES = 200;
  private static final int CORRECTIONS = 60;
  private static final int PROBES = 300;

  /** It answers one probe in ten otherwise than base, as often better as worse. */
  @Test
  void aCandidateThatLosesNothingNearlyAlwaysPasses() {
    assertThat(passRate(Truth.sound().losing(0.04))).isGreaterThan(0.85);
  }

  /** 2 points fewer: every second time at this scale; the next smaller one is for the others. */
  @Test
  void aCandidateThatLosesLittlePassesAtItsWholeScaleOrNot() {
    assertThat(passRate(Truth.sound())).isBetween(0.3, 0.75);
    assertThat(passRate(Truth.sound().losing(0.05))).isGreaterThan(0.6);
  }

  /** 5 points are allowed: at them, few pass; at twice as many, none. */
  @Test
  void whatForgetsPassesAsSeldomAsStated() {
    assertThat(passRate(Truth.sound().losing(0.09))).isLessThan(0.1);
    assertThat(passRate(Truth.sound().losing(0.14))).isZero();
  }

  @Test
  void whatHasHardlyLearnedDoesNotPass() {
    assertThat(passRate(Truth.sound().learning(0.1))).isZero();
    assertThat(passRate(Truth.sound().learning(0.2))).isLessThan(0.08);
  }

  @Test
  void whatLeansTowardsAClassDoesNotPass() {
    assertThat(passRate(Truth.sound().withMass(0.1))).isZero();
    assertThat(passRate(Truth.sound().losing(0.1).whenWrongSaying("3"))).isZero();
  }

  /** As where the probes are worded otherwise than base speaks: it has nothing to lose by them. */
  @Test
  void whatBaseNeverAnsweredAsStatedShowsNoForgetting() {
    SplittableRandom random = new SplittableRandom(1);
    Evidence sound = SeenEvidence.draw(Truth.sound().losing(0.04), CORRECTIONS, PROBES, random);
    Evidence unlike =
        SeenEvidence.mapProbes(
            sound,
            (i, _) -> SeenEvidence.outcome("p" + i, "color", "The colour is red.", "red", "robin"));

    GateReport report = Gate.judge(unlike, LIMITS);

    assertThat(report.verdict()).isEqualTo(Verdict.REFUSED);
    assertThat(report.checks())
        .filteredOn(Gate::refuses)
        .extracting(GateReport.Check::name)
        .containsExactly("evidence_probes");
    assertThat(Gate.judgeKept(unlike, LIMITS)).isEmpty();
  }

  /** A quarter of them is enough to be seen to be lost by, and to be alarmed of. */
  @Test
  void whatIsSeenToBeLostIsSaidThoughBaseKnewFewOfTheProbes() {
    Evidence few =
        new Evidence(
            List.of(),
            SeenEvidence.many(
                PROBES,
                i ->
                    SeenEvidence.outcome(
                        "p" + i,
                        "color",
                        i % 4 == 0 ? "red" : "The colour is red.",
                        "red",
                        "robin")),
            List.of());

    assertThat(Gate.judgeKept(few, LIMITS))
        .get()
        .extracting(GateReport::verdict)
        .isEqualTo(Verdict.REFUSED);
  }

  private static double passRate(Truth truth) {
    SplittableRandom random = new SplittableRandom(1);
    int passed = 0;
    for (int i = 0; i < CANDIDATES; i++) {
      GateReport report = Gate.judge(SeenEvidence.draw(truth, CORRECTIONS, PROBES, random), LIMITS);
      passed += report.verdict() == Verdict.PASSED ? 1 : 0;
    }
    return passed / (double) CANDIDATES;
  }
}
