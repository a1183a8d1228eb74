package io.trimtab.adaptation.gate;

import static io.trimtab.adaptation.gate.Checks.percent;
import static io.trimtab.adaptation.gate.Checks.points;

import io.trimtab.adapter.GateReport.Check;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Whether other tasks were kept: over all probes with an answer, where the bound must show that
 * little was lost; task by task, where it must not show that much was; and on probes without an
 * answer, how often base is contradicted.
 */
final class ForgettingChecks {
  private ForgettingChecks() {}

  static List<Check> of(String name, List<PairedOutcome> probes, GateLimits limits) {
    List<PairedOutcome> answered =
        probes.stream().filter(probe -> probe.expected().isPresent()).toList();
    List<PairedOutcome> open = probes.stream().filter(probe -> probe.expected().isEmpty()).toList();
    List<Check> checks = new ArrayList<>();
    // Without any probe there is one check all the same, which refuses.
    if (!answered.isEmpty() || open.isEmpty()) {
      checks.add(overAll(name, answered, limits));
      checks.add(byTask(name + "_by_task", answered, limits));
    }
    if (!open.isEmpty()) {
      checks.add(agreement(name + "_agreement", open, limits));
    }
    return checks;
  }

  private static Check overAll(String name, List<PairedOutcome> probes, GateLimits limits) {
    Interval drop = drop(probes, limits.confidence());
    String detail =
        "other tasks: %d of %d right before, %d after; the drop is %s, with %s confidence at most %s"
            .formatted(
                probes.stream().filter(PairedOutcome::baseIsRight).count(),
                probes.size(),
                probes.stream().filter(PairedOutcome::tunedIsRight).count(),
                points(drop.estimate()),
                percent(limits.confidence()),
                points(drop.upper()));
    return Checks.atMost(
        name,
        drop.upper(),
        limits.dropMax(),
        1,
        "%s (%s are allowed)".formatted(detail, points(limits.dropMax())));
  }

  /** A task's drop. */
  private record TaskDrop(String task, int probes, Interval drop) {}

  /** The worst of k is looked at, so each bound is at a k-th of the error (Bonferroni). */
  private static Check byTask(String name, List<PairedOutcome> probes, GateLimits limits) {
    Map<String, List<PairedOutcome>> byTask =
        probes.stream()
            .collect(Collectors.groupingBy(PairedOutcome::task, TreeMap::new, Collectors.toList()));
    byTask.values().removeIf(task -> task.size() < limits.taskProbesMin());
    if (byTask.isEmpty()) {
      return Checks.atMost(
          name,
          0,
          limits.taskDropMax(),
          1,
          "no task has the %d probes to be judged by itself".formatted(limits.taskProbesMin()));
    }
    double confidence = 1 - (1 - limits.confidence()) / byTask.size();
    TaskDrop worst =
        byTask.entrySet().stream()
            .map(
                task ->
                    new TaskDrop(
                        task.getKey(), task.getValue().size(), drop(task.getValue(), confidence)))
            .max(Comparator.comparingDouble(task -> task.drop().lower()))
            .orElseThrow();
    return Checks.atMost(
        name,
        worst.drop().lower(),
        limits.taskDropMax(),
        1,
        "worst of %d tasks is %s: over its %d probes the drop is %s, with %s confidence more than %s (%s are allowed)"
            .formatted(
                byTask.size(),
                worst.task(),
                worst.probes(),
                points(worst.drop().estimate()),
                percent(limits.confidence()),
                points(worst.drop().lower()),
                points(limits.taskDropMax())));
  }

  private static Check agreement(String name, List<PairedOutcome> probes, GateLimits limits) {
    long other = probes.stream().filter(probe -> !probe.tunedIsRight()).count();
    Interval share = Interval.ofProportion(other, probes.size(), limits.confidence());
    return Checks.atMost(
        name,
        share.upper(),
        limits.disagreementMax(),
        1,
        "probes without an answer: %d of %d are answered otherwise than by base, with %s confidence at most %s (%s are allowed)"
            .formatted(
                other,
                probes.size(),
                percent(limits.confidence()),
                percent(share.upper()),
                percent(limits.disagreementMax())));
  }

  private static Interval drop(List<PairedOutcome> probes, double confidence) {
    return Interval.ofDifferences(
        probes.stream().mapToDouble(probe -> -probe.gain()).toArray(), confidence);
  }
}
