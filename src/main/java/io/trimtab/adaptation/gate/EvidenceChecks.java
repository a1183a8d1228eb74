package io.trimtab.adaptation.gate;

import io.trimtab.adapter.GateReport.Check;
import java.util.List;
import java.util.stream.Stream;

/** Whether enough was seen to judge by, and all of what was asked for. */
final class EvidenceChecks {
  private EvidenceChecks() {}

  static List<Check> of(Evidence evidence, GateLimits limits) {
    return List.of(
        enough(
            "evidence_validation",
            "held-back corrections of the new task",
            evidence.validation().size(),
            limits.validationMin()),
        enough(
            "evidence_probes",
            "probes of other tasks that base answers as they say, of %d answered"
                .formatted(evidence.probes().size()),
            evidence.probesToKeep(),
            limits.probesMin()),
        complete(evidence));
  }

  private static Check enough(String name, String what, long seen, int least) {
    String verdict = seen >= least ? "" : ": not enough evidence to publish on";
    return Checks.atLeast(
        name,
        seen,
        least,
        0,
        "%d different %s, at least %d are needed%s".formatted(seen, what, least, verdict));
  }

  /** What base cannot answer is no evidence either way; what the candidate alone cannot, is. */
  private static Check complete(Evidence evidence) {
    List<Evidence.Gap> failed = of(evidence, Evidence.Party.TUNED);
    List<PairedOutcome> unscored =
        Stream.concat(evidence.validation().stream(), evidence.probes().stream())
            .filter(outcome -> !outcome.scored())
            .toList();
    StringBuilder detail =
        new StringBuilder(
            "the candidate failed on %d questions that base answers, and gave no finite scores on %d"
                .formatted(failed.size(), unscored.size()));
    failed.stream()
        .findFirst()
        .ifPresent(gap -> detail.append("; first %s: %s".formatted(gap.item(), gap.reason())));
    unscored.stream()
        .findFirst()
        .ifPresent(outcome -> detail.append("; first without scores: " + outcome.id()));
    List<Evidence.Gap> leftOut = of(evidence, Evidence.Party.BASE);
    leftOut.stream()
        .findFirst()
        .ifPresent(
            gap ->
                detail.append(
                    "; %d questions were left out as base cannot answer them, first %s: %s"
                        .formatted(leftOut.size(), gap.item(), gap.reason())));
    return Checks.atMost(
        "evidence_complete", failed.size() + (double) unscored.size(), 0, 0, detail.toString());
  }

  private static List<Evidence.Gap> of(Evidence evidence, Evidence.Party party) {
    return evidence.gaps().stream().filter(gap -> gap.party() == party).toList();
  }
}
