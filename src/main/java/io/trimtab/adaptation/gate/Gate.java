package io.trimtab.adaptation.gate;

import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Check;
import io.trimtab.adapter.GateReport.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a candidate may be published: a pure function of what was seen of it. It fails closed:
 * what was not measured, or is no number, refuses, and says so.
 *
 * <p>Every bound is one-sided at the stated confidence, so few examples widen it and make passing
 * harder, never easier.
 *
 * <p>By simulation with the default limits (GateRatesTest, fixed seeds, 200 candidates of each
 * kind, 60 validation items, 300 probes in 12 tasks), at the whole scale: a candidate whose
 * accuracy on probes truly falls by the limit passes in fewer than 1 of 10 cases, one that falls by
 * twice as much in none; one that loses nothing and learns a skill to 60 % passes in more than 17
 * of 20.
 */
public final class Gate {
  private static final String FORGETTING = "forgetting";
  private static final String BIAS = "bias_";

  private Gate() {}

  public static GateReport judge(Evidence evidence, GateLimits limits) {
    Evidence distinct = evidence.distinct();
    List<Check> checks = new ArrayList<>();
    checks.addAll(EvidenceChecks.of(distinct, limits));
    checks.addAll(LearningChecks.of(distinct.validation(), limits));
    checks.addAll(ForgettingChecks.of(FORGETTING, distinct.probes(), limits));
    checks.addAll(BiasChecks.of(BIAS, distinct.probes(), limits));
    checks.add(klToBase(distinct.validation(), limits));
    return report(checks);
  }

  /**
   * Whether a revision that is served already keeps what it is not tuned on: the part of the gate
   * that asks nothing but probes. Unlike a candidate it is not refused for want of evidence.
   *
   * @return empty where nothing is known: base answered fewer than {@code probesMin} probes, or so
   *     few as they say that a loss which does not show may be there all the same
   */
  public static Optional<GateReport> judgeKept(Evidence evidence, GateLimits limits) {
    Evidence distinct = evidence.distinct();
    List<PairedOutcome> probes = distinct.probes();
    long unanswered =
        distinct.gaps().stream().filter(gap -> gap.party() == Evidence.Party.TUNED).count();
    if (probes.size() + unanswered < limits.probesMin()) {
      return Optional.empty();
    }
    List<Check> checks = new ArrayList<>();
    checks.add(answered(probes, unanswered, limits));
    checks.addAll(ForgettingChecks.of(FORGETTING, probes, limits));
    checks.addAll(BiasChecks.of(BIAS, probes, limits));
    GateReport report = report(checks);
    boolean tells =
        report.verdict() == Verdict.REFUSED
            || distinct.probesToKeep() + unanswered >= limits.probesMin();
    return tells ? Optional.of(report) : Optional.empty();
  }

  /** A question that the revision has no answer to is lost as one that it answers wrongly is. */
  private static Check answered(List<PairedOutcome> probes, long unanswered, GateLimits limits) {
    long unscored = probes.stream().filter(probe -> !probe.scored()).count();
    long failed = unanswered + unscored;
    long asked = probes.size() + unanswered;
    return Checks.atMost(
        "answered",
        failed / (double) asked,
        limits.dropMax(),
        1,
        "it failed, or gave no finite scores, on %d of %d probes that base answers (%s are allowed)"
            .formatted(failed, asked, Checks.percent(limits.dropMax())));
  }

  /** A report of these checks: one refusal refuses all. */
  static GateReport report(List<Check> checks) {
    boolean passed = checks.stream().noneMatch(Gate::refuses);
    return new GateReport(passed ? Verdict.PASSED : Verdict.REFUSED, checks);
  }

  static boolean refuses(Check check) {
    return check.verdict() == Verdict.REFUSED;
  }

  /**
   * Whether a smaller scale may pass where this one was refused: it drifted too far and nothing
   * else is wrong with it. A scale that learned too little is not helped by a smaller one.
   */
  static boolean driftedOnly(GateReport report) {
    return report.verdict() == Verdict.REFUSED
        && report.checks().stream().filter(Gate::refuses).allMatch(Gate::isDrift);
  }

  private static boolean isDrift(Check check) {
    return check.name().startsWith(FORGETTING) || check.name().startsWith(BIAS);
  }

  /** Forgetting follows it (RL's Razor, arXiv 2509.04259), but how closely is not calibrated. */
  private static Check klToBase(List<PairedOutcome> validation, GateLimits limits) {
    double kl =
        validation.stream()
            .flatMap(outcome -> outcome.scores().stream())
            .mapToDouble(Scores::kl)
            .average()
            .orElse(Double.NaN);
    String seen =
        Double.isFinite(kl)
            ? String.format(
                Locale.ROOT,
                "KL(base‖tuned) on the new task's questions is at least %.3f nats a token",
                kl)
            : "KL(base‖tuned) on the new task's questions was not measured";
    String remark = kl <= limits.klAdvised() ? "" : ", more than is usual";
    return Checks.advice(
        "kl_to_base",
        kl,
        limits.klAdvised(),
        0,
        "%s%s; advisory, refuses nothing".formatted(seen, remark));
  }
}
