package io.trimtab.serving.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.governor.ProbeFailure;
import io.trimtab.adaptation.governor.ProbeOutcomes;
import io.trimtab.adaptation.governor.ProbeRun;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.Reference;
import io.trimtab.drift.Served;
import io.trimtab.drift.ShadowStatistics;
import io.trimtab.drift.WatchReport;
import io.trimtab.drift.WatchedClasses;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DriftMetricsTest {
  private static final Quantities QUANTITIES = new Quantities(WatchedClasses.builtIn());

  private final List<WatchReport> reports = new ArrayList<>();
  private final Map<Served, String> served = new HashMap<>();
  private final Map<Served, ProbeRun> runs = new HashMap<>();
  private final Map<Served, ProbeFailure> failures = new HashMap<>();

  @Test
  void eachAdapterHasItsWorstMetricAndTheControlIsNone() {
    watched("acme", 12, DriftLevel.WARNING, 0.5, "active");
    assertThat(scrape(10).value("trimtab_drift_level" + labels("acme"))).isEqualTo(1);
    assertThat(scrape(10).value("trimtab_drift_evidence_ratio" + labels("acme"))).isEqualTo(0.5);
    assertThat(scrape(10).value("trimtab_drift_excess" + labels("acme"))).isEqualTo(0.25);
    assertThat(scrape(10).value("trimtab_drift_answers_read" + labels("acme"))).isEqualTo(12);
  }

  @Test
  void aThousandTenantsAreTenAndTheRestAndThoseThatDriftAreAmongTheTen() {
    for (int i = 0; i < 1000; i++) {
      watched("tenant-" + i, 100 + i, DriftLevel.STABLE, 0.001 * i, "active");
    }
    watched("bent", 1, DriftLevel.DRIFT, 2, "canary");
    Scrape scrape = scrape(10);
    assertThat(scrape.labels("tenant"))
        .hasSize(11)
        .contains("bent", "tenant-999", "tenant-991", DriftMetrics.OTHER)
        .doesNotContain("tenant-990");
    String rest = "{tenant=\"_other\",adapter=\"_other\",served=\"_other\",}";
    assertThat(scrape.value("trimtab_drift_answers_read" + rest))
        .isEqualTo(991 * 100 + 990 * 991 / 2);
    assertThat(scrape.value("trimtab_drift_evidence_ratio" + rest)).isEqualTo(0.99);
    assertThat(scrape.value("trimtab_drift_level" + rest)).isZero();
    assertThat(scrape.value("trimtab_drift_revisions{level=\"stable\",}")).isEqualTo(1000);
    assertThat(scrape.value("trimtab_drift_revisions{level=\"drift\",}")).isEqualTo(1);
    assertThat(scrape(0).labels("tenant")).containsExactly(DriftMetrics.OTHER);
  }

  @Test
  void whatIsServedNoMoreIsNotTold() {
    watched("acme", 12, DriftLevel.DRIFT, 2, "active");
    served.clear();
    Scrape scrape = scrape(10);
    assertThat(scrape.labels("tenant")).isEmpty();
    assertThat(scrape.value("trimtab_drift_revisions{level=\"drift\",}")).isZero();
  }

  @Test
  void whatBecameOfTheAnswersIsCounted() {
    Scrape scrape = scrape(10);
    assertThat(scrape.types())
        .containsEntry("trimtab_shadow_answers_total", "counter")
        .containsEntry("trimtab_shadow_share", "gauge");
    assertThat(scrape.value("trimtab_shadow_share")).isEqualTo(0.1);
    assertThat(scrape.value("trimtab_shadow_chosen_total")).isEqualTo(20);
    assertThat(scrape.value("trimtab_shadow_answers_total{outcome=\"read\",}")).isEqualTo(15);
    assertThat(scrape.value("trimtab_shadow_answers_total{outcome=\"left_out\",}")).isEqualTo(4);
    assertThat(scrape.value("trimtab_shadow_answers_total{outcome=\"failed\",}")).isEqualTo(1);
    assertThat(scrape.value("trimtab_shadow_tokens_total")).isEqualTo(60);
  }

  @Test
  void whatProbesCameToIsCountedOfWhatIsServed() {
    for (int i = 0; i < 5; i++) {
      watched("tenant-" + i, 1, DriftLevel.STABLE, 0, "active");
    }
    probed("tenant-0", Verdict.PASSED);
    probed("tenant-1", Verdict.REFUSED);
    probed("tenant-2", Verdict.REFUSED);
    // It was well once; nobody knows how it is now.
    probed("tenant-3", Verdict.PASSED);
    failures.put(
        birds("tenant-3"), new ProbeFailure(Instant.EPOCH, "the engine", Duration.ofMinutes(1)));
    probed("gone", Verdict.REFUSED);
    Scrape scrape = scrape(10);
    assertThat(scrape.value("trimtab_probe_revisions{outcome=\"passed\",}")).isEqualTo(1);
    assertThat(scrape.value("trimtab_probe_revisions{outcome=\"refused\",}")).isEqualTo(2);
    assertThat(scrape.value("trimtab_probe_revisions{outcome=\"failed\",}")).isEqualTo(1);
    assertThat(scrape.value("trimtab_probe_revisions{outcome=\"none\",}")).isEqualTo(1);
  }

  private void probed(String tenant, Verdict verdict) {
    GateReport report = new GateReport(verdict, List.of());
    runs.put(birds(tenant), new ProbeRun(Instant.EPOCH, birds(tenant), List.of(), report));
  }

  private final class HandGiven implements ProbeOutcomes {
    @Override
    public Optional<ProbeRun> last(Served served) {
      return Optional.ofNullable(runs.get(served));
    }

    @Override
    public Optional<ProbeFailure> failure(Served served) {
      return Optional.ofNullable(failures.get(served));
    }
  }

  private static Served birds(String tenant) {
    return new Served(new AdapterId(tenant, "birds"), 1, 1);
  }

  private static String labels(String tenant) {
    return "{tenant=\"%s\",adapter=\"birds\",served=\"active\",}".formatted(tenant);
  }

  private void watched(String tenant, long answers, DriftLevel level, double ratio, String as) {
    Served birds = birds(tenant);
    List<WatchReport.Metric> metrics =
        QUANTITIES.all().stream()
            .map(
                quantity ->
                    new WatchReport.Metric(
                        quantity.key(), 0, 0, ratio * 1000, 1000, 0, 20, 0.25, level))
            .toList();
    List<WatchReport.Metric> all = new ArrayList<>(metrics);
    // The control is far beyond all of them.
    String control = QUANTITIES.all().get(QUANTITIES.control()).key();
    all.set(
        QUANTITIES.control(),
        new WatchReport.Metric(control, 0, 0, 1e9, 1000, 0, 20, 0.9, DriftLevel.WARNING));
    reports.add(
        new WatchReport(birds, level, Reference.Origin.ENVELOPE, answers, answers, 0, 0, all));
    served.put(birds, as);
  }

  private Scrape scrape(int adaptersMax) {
    return Scrape.of(
        new DriftMetrics(
            () -> reports,
            () -> served,
            () -> new ShadowStatistics(20, 15, 60, 4, 1),
            new HandGiven(),
            0.1,
            QUANTITIES,
            adaptersMax));
  }
}
