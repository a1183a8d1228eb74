package io.trimtab.adaptation.gate;

import static io.trimtab.adaptation.gate.Checks.percent;
import static io.trimtab.adaptation.gate.Checks.points;

import io.trimtab.adapter.GateReport.Check;
import io.trimtab.drift.TokenClass;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Whether the candidate leans towards or away from a class of answers on other tasks: by the share
 * of its answers, and by the probability mass at the places of base's own answers, which moves
 * before answers do. On its own task it may lean as it was taught.
 *
 * <p>Both ends of the interval must lie within the limit: two one-sided tests of equivalence
 * (Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15, 1987).
 */
final class BiasChecks {
  private BiasChecks() {}

  static List<Check> of(String prefix, List<PairedOutcome> probes, GateLimits limits) {
    return Arrays.stream(TokenClass.values())
        .map(tokenClass -> of(prefix + tokenClass.wireName(), tokenClass, probes, limits))
        .toList();
  }

  private static Check of(
      String name, TokenClass tokenClass, List<PairedOutcome> probes, GateLimits limits) {
    Interval share =
        Interval.ofDifferences(
            probes.stream().mapToDouble(probe -> probe.shareChange(tokenClass)).toArray(),
            limits.confidence());
    List<Scores> scores = probes.stream().flatMap(probe -> probe.scores().stream()).toList();
    Interval mass =
        Interval.ofDifferences(
            scores.stream()
                .mapToDouble(s -> s.tuned().of(tokenClass) - s.base().of(tokenClass))
                .toArray(),
            limits.confidence());
    String detail =
        "other tasks, %s: share of answers %s; probability %s; at most %s either way are allowed"
            .formatted(
                tokenClass.wireName(),
                change(share, limits.confidence()),
                change(mass, limits.confidence()),
                points(limits.biasMax()));
    return Checks.atMost(
        name, Math.max(share.farthest(), mass.farthest()), limits.biasMax(), 1, detail);
  }

  private static String change(Interval change, double confidence) {
    return String.format(
        Locale.ROOT,
        "%+.1f points (%s confidence: %+.1f to %+.1f)",
        change.estimate() * 100,
        percent(confidence),
        change.lower() * 100,
        change.upper() * 100);
  }
}
