package io.trimtab.adaptation.gate;

import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Check;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.engine.api.CandidateModel;
import io.trimtab.engine.api.InferenceEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Evaluates and judges candidates. Where the whole delta drifts too far and nothing else is wrong
 * with it, smaller scales are tried, towards base (WiSE-FT; Wortsman et al., arXiv 2109.01903), and
 * the largest that passes every check is taken; it must have learned at that scale, too. A smaller
 * scale is never tried for any other refusal: it learns less still.
 *
 * <p>Three tries on the same probes are no three chances: answers at neighbouring scales are mostly
 * the same, and each try is nearer to base than the one before.
 */
public final class CandidateJudge implements Judge {
  private final InferenceEngine engine;
  private final Evaluator evaluator;
  private final JudgeSettings settings;

  public CandidateJudge(InferenceEngine engine, Evaluator evaluator, JudgeSettings settings) {
    this.engine = engine;
    this.evaluator = evaluator;
    this.settings = settings;
  }

  @Override
  public Judgement judge(
      String tenant, PeftAdapter candidate, EvaluationSet set, JudgementListener listener)
      throws InterruptedException {
    List<Judgement> tried = new ArrayList<>();
    for (float scale : settings.scales()) {
      Judgement judgement = at(scale, tenant, candidate, set, listener);
      tried.add(judgement);
      if (!Gate.driftedOnly(judgement.report())) {
        break;
      }
    }
    Optional<Judgement> passed = tried.stream().filter(Judgement::passed).findFirst();
    Judgement chosen = passed.orElse(tried.getFirst());
    List<Check> checks = new ArrayList<>(chosen.report().checks());
    checks.add(scaleCheck(chosen, tried));
    return new Judgement(chosen.scale(), Gate.report(checks), chosen.envelope());
  }

  private Judgement at(
      float scale,
      String tenant,
      PeftAdapter adapter,
      EvaluationSet set,
      JudgementListener listener)
      throws InterruptedException {
    listener.trying(scale);
    try (CandidateModel model = engine.candidate(adapter, scale)) {
      Evidence evidence = evaluator.evaluate(tenant, model, set, listener);
      GateReport report = Gate.judge(evidence, settings.limits());
      listener.judged(scale, report);
      return new Judgement(scale, report, Envelope.of(scale, evidence, evaluator.live()));
    }
  }

  /** Says what was tried, so that nobody wonders why it is served at less than it was tuned to. */
  private Check scaleCheck(Judgement chosen, List<Judgement> tried) {
    String story =
        tried.stream()
            .map(
                judgement ->
                    "%s %s"
                        .formatted(
                            judgement.scale(),
                            judgement.passed()
                                ? "passes"
                                : "is refused by " + refusals(judgement.report())))
            .collect(Collectors.joining("; "));
    return new Check(
        "scale",
        chosen.scale(),
        settings.scales().getLast(),
        chosen.passed() ? Verdict.PASSED : Verdict.REFUSED,
        "scales tried: " + story);
  }

  private static String refusals(GateReport report) {
    return report.checks().stream()
        .filter(Gate::refuses)
        .map(
            check ->
                "%s (%s, limit %s)"
                    .formatted(check.name(), rounded(check.value()), rounded(check.limit())))
        .collect(Collectors.joining(", "));
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
