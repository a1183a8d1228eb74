package io.trimtab.serving.drift;

import io.trimtab.adaptation.governor.GovernorEvent;
import io.trimtab.adaptation.governor.GovernorHistory;
import io.trimtab.adaptation.governor.ProbeOutcomes;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.Revision;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Served;
import io.trimtab.drift.ShadowStatistics;
import io.trimtab.v1.DriftReport;
import java.util.List;
import java.util.function.Supplier;

/**
 * Puts together all that is known of how an adapter's served revisions stand. May read the disk.
 */
final class DriftReports {
  /** What is kept longer than that is for the governor's own limits. */
  private static final int EVENTS_MAX = 64;

  private final AdapterRegistry registry;
  private final DriftWatch watch;
  private final GovernorHistory history;
  private final ProbeOutcomes probes;
  private final Supplier<ShadowStatistics> shadow;
  private final double share;

  /**
   * @param share of live requests that base reads as well, 0 to 1
   */
  DriftReports(
      AdapterRegistry registry,
      DriftWatch watch,
      GovernorHistory history,
      ProbeOutcomes probes,
      Supplier<ShadowStatistics> shadow,
      double share) {
    this.registry = registry;
    this.watch = watch;
    this.history = history;
    this.probes = probes;
    this.shadow = shadow;
    this.share = share;
  }

  /**
   * Of an adapter as it is served now.
   *
   * @throws io.trimtab.error.TrimtabException NOT_FOUND
   */
  DriftReport of(AdapterId id) {
    AdapterSnapshot now = registry.get(id);
    DriftReport.Builder report =
        now.active()
            .map(active -> revision(id, active))
            .orElseGet(() -> DriftWriter.ofBase(id.name()));
    now.revision(now.canaryRevision())
        .map(canary -> revision(id, canary).setCanary(true))
        .ifPresent(report::setCanaryReport);
    List<GovernorEvent> events = history.of(id);
    for (GovernorEvent event :
        events.subList(Math.max(0, events.size() - EVENTS_MAX), events.size())) {
      report.addEvents(DriftWriter.event(event));
    }
    return report.setShadow(DriftWriter.shadow(shadow.get(), share)).build();
  }

  private DriftReport.Builder revision(AdapterId id, Revision revision) {
    Served served = new Served(id, revision.revision(), revision.scale());
    DriftReport.Builder report =
        watch
            .report(served)
            .map(DriftWriter::report)
            .orElseGet(() -> DriftWriter.unread(id.name(), revision));
    probes.failure(served).map(DriftWriter::failure).ifPresent(report::setProbeFailure);
    probes
        .last(served)
        // A run that could not be made has no tasks, and shows nothing.
        .filter(run -> !run.tasks().isEmpty())
        .ifPresent(run -> DriftWriter.probed(report, run));
    return report;
  }
}
