package io.trimtab.serving.metrics;

import io.trimtab.adaptation.governor.ProbeOutcomes;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.Served;
import io.trimtab.drift.ShadowStatistics;
import io.trimtab.drift.WatchReport;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * How the served revisions stand. A bounded number of adapters have labels of their own: those at
 * the highest level, and of these the most read. The rest are {@value #OTHER}, with the highest
 * level, evidence and excess of any, and the sum of the answers.
 */
final class DriftMetrics implements MetricSource {
  /** No tenant and no adapter is named so. */
  static final String OTHER = "_other";

  private static final List<String> LABELS = List.of("tenant", "adapter", "served");

  private final Supplier<List<WatchReport>> reports;
  private final Supplier<Map<Served, String>> served;
  private final Supplier<ShadowStatistics> shadow;
  private final ProbeOutcomes probes;
  private final double share;
  private final String control;
  private final int adaptersMax;

  /**
   * @param reports of all that is watched
   * @param served what is served now, each as {@code active} or {@code canary}
   * @param share of live requests that base reads as well, 0 to 1
   */
  DriftMetrics(
      Supplier<List<WatchReport>> reports,
      Supplier<Map<Served, String>> served,
      Supplier<ShadowStatistics> shadow,
      ProbeOutcomes probes,
      double share,
      Quantities quantities,
      int adaptersMax) {
    this.reports = reports;
    this.served = served;
    this.shadow = shadow;
    this.probes = probes;
    this.share = share;
    this.control = quantities.all().get(quantities.control()).key();
    this.adaptersMax = adaptersMax;
  }

  /** How one revision, or several together, stand. */
  private record Standing(DriftLevel level, double evidence, double excess, long answers) {
    static final Standing NONE = new Standing(DriftLevel.STABLE, 0, -1, 0);

    Standing with(Standing other) {
      return new Standing(
          level.compareTo(other.level) >= 0 ? level : other.level,
          Math.max(evidence, other.evidence),
          Math.max(excess, other.excess),
          answers + other.answers);
    }
  }

  @Override
  public void collect(Families into) {
    shadow(into);
    Map<Served, String> now = served.get();
    probed(into, now.keySet());
    List<WatchReport> watched =
        reports.get().stream()
            .filter(report -> now.containsKey(report.served()))
            .sorted(
                Comparator.comparing(WatchReport::level)
                    .thenComparing(WatchReport::answers)
                    .reversed())
            .toList();
    levels(into, watched);
    Adapters rows = Adapters.of(into);
    watched.stream()
        .limit(adaptersMax)
        .forEach(
            report ->
                rows.add(
                    standing(report),
                    report.served().id().tenant(),
                    report.served().id().name(),
                    now.getOrDefault(report.served(), "")));
    watched.stream()
        .skip(adaptersMax)
        .map(this::standing)
        .reduce(Standing::with)
        .ifPresent(rest -> rows.add(rest, OTHER, OTHER, OTHER));
  }

  /** The control is base's, and says nothing against the revision. */
  private Standing standing(WatchReport report) {
    Standing worst =
        report.metrics().stream()
            .filter(metric -> !metric.key().equals(control))
            .map(
                metric ->
                    new Standing(
                        metric.level(), metric.evidence() / metric.threshold(), metric.excess(), 0))
            .reduce(Standing.NONE, Standing::with);
    return new Standing(report.level(), worst.evidence, worst.excess, report.answers());
  }

  private record Adapters(
      Families.Rows level, Families.Rows evidence, Families.Rows excess, Families.Rows answers) {
    static Adapters of(Families into) {
      return new Adapters(
          into.gauge(
              "trimtab_drift_level", "0 stable, 1 warning, 2 drift; the worst metric", LABELS),
          into.gauge(
              "trimtab_drift_evidence_ratio",
              "Largest evidence of any metric over its threshold: 1 is drift",
              LABELS),
          into.gauge(
              "trimtab_drift_excess",
              "Largest recent mean of any metric above what is allowed, -1 to 1",
              LABELS),
          into.gauge(
              "trimtab_drift_answers_read", "Answers that base has read on this server", LABELS));
    }

    void add(Standing standing, String... labels) {
      level.add(standing.level.ordinal(), labels);
      evidence.add(standing.evidence, labels);
      excess.add(standing.excess, labels);
      answers.add(standing.answers, labels);
    }
  }

  private static void levels(Families into, List<WatchReport> watched) {
    Map<DriftLevel, Integer> levels = new EnumMap<>(DriftLevel.class);
    watched.forEach(report -> levels.merge(report.level(), 1, Integer::sum));
    Families.Rows rows =
        into.gauge(
            "trimtab_drift_revisions", "Served revisions that are watched", List.of("level"));
    for (DriftLevel level : DriftLevel.values()) {
      rows.add(levels.getOrDefault(level, 0), level.name().toLowerCase(Locale.ROOT));
    }
  }

  private void probed(Families into, Set<Served> now) {
    Map<String, Integer> revisions = new HashMap<>();
    now.forEach(each -> revisions.merge(probed(each), 1, Integer::sum));
    Families.Rows rows =
        into.gauge(
            "trimtab_probe_revisions",
            "Served revisions by what their latest probes came to on this server, since it started",
            List.of("outcome"));
    for (String outcome : List.of("passed", "refused", "failed", "none")) {
      rows.add(revisions.getOrDefault(outcome, 0), outcome);
    }
  }

  private String probed(Served revision) {
    if (probes.failure(revision).isPresent()) {
      return "failed";
    }
    return probes
        .last(revision)
        .map(run -> run.report().verdict() == Verdict.REFUSED ? "refused" : "passed")
        .orElse("none");
  }

  private void shadow(Families into) {
    ShadowStatistics now = shadow.get();
    into.gauge("trimtab_shadow_share", "Of live requests, how many base reads as well", share);
    into.counter("trimtab_shadow_chosen_total", "Answers that base was to read", now.chosen());
    Families.Rows rows =
        into.counter("trimtab_shadow_answers_total", "What became of these", List.of("outcome"));
    rows.add(now.read(), "read");
    rows.add(now.leftOut(), "left_out");
    rows.add(now.failed(), "failed");
    into.counter("trimtab_shadow_tokens_total", "Tokens of the answers read", now.tokens());
  }
}
