package io.trimtab.adaptation.gate;

import static io.trimtab.adaptation.gate.Checks.percent;
import static io.trimtab.adaptation.gate.Checks.points;

import io.trimtab.adapter.GateReport.Check;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Whether the new task was learned: better than base, well enough to be of use, and better than
 * giving always the same answer. The last unmasks corrections without sense (shuffled labels, one
 * answer for all, noise): who learned nothing of the pictures says what is said most often at best.
 */
final class LearningChecks {
  private LearningChecks() {}

  static List<Check> of(List<PairedOutcome> validation, GateLimits limits) {
    return List.of(
        gain(validation, limits), accuracy(validation, limits), diversity(validation, limits));
  }

  private static Check gain(List<PairedOutcome> validation, GateLimits limits) {
    double[] gains = validation.stream().mapToDouble(PairedOutcome::gain).toArray();
    Interval gain = Interval.ofDifferences(gains, limits.confidence());
    String detail =
        "new task: %d of %d right before, %d after; the gain is %s, with %s confidence at least %s"
            .formatted(
                validation.stream().filter(PairedOutcome::baseIsRight).count(),
                gains.length,
                right(validation),
                points(gain.estimate()),
                percent(limits.confidence()),
                points(gain.lower()));
    return Checks.above(
        "learning",
        gain.lower(),
        limits.gainMin(),
        -1,
        "%s (more than %s is needed)".formatted(detail, points(limits.gainMin())));
  }

  private static Check accuracy(List<PairedOutcome> validation, GateLimits limits) {
    Interval accuracy =
        Interval.ofProportion(right(validation), validation.size(), limits.confidence());
    String detail =
        "new task: %s of the answers are right, with %s confidence at least %s (%s is needed)"
            .formatted(
                percent(accuracy.estimate()),
                percent(limits.confidence()),
                percent(accuracy.lower()),
                percent(limits.accuracyMin()));
    return Checks.atLeast("accuracy", accuracy.lower(), limits.accuracyMin(), 0, detail);
  }

  private static Check diversity(List<PairedOutcome> validation, GateLimits limits) {
    Map<String, Long> counts =
        validation.stream()
            .flatMap(outcome -> outcome.expected().stream())
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    String commonest =
        counts.entrySet().stream()
            .max(Map.Entry.<String, Long>comparingByValue().thenComparing(Map.Entry::getKey))
            .map(Map.Entry::getKey)
            .orElse("");
    double[] advantages =
        validation.stream()
            .mapToDouble(
                outcome ->
                    (outcome.tunedIsRight() ? 1 : 0)
                        - (outcome.expected().equals(Optional.of(commonest)) ? 1 : 0))
            .toArray();
    Interval advantage = Interval.ofDifferences(advantages, limits.confidence());
    String detail =
        "new task: saying the commonest answer always is right %d of %d times, the candidate %d;"
                .formatted(counts.getOrDefault(commonest, 0L), advantages.length, right(validation))
            + " it is better by %s, with %s confidence by more than %s (0 is needed)"
                .formatted(
                    points(advantage.estimate()),
                    percent(limits.confidence()),
                    points(advantage.lower()));
    return Checks.above("answers_diversity", advantage.lower(), 0, -1, detail);
  }

  private static long right(List<PairedOutcome> outcomes) {
    return outcomes.stream().filter(PairedOutcome::tunedIsRight).count();
  }
}
