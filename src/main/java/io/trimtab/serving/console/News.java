package io.trimtab.serving.console;

import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.governor.GovernorHistory;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.drift.DriftWatch;
import io.trimtab.serving.metrics.Figures;
import io.trimtab.serving.metrics.LiveFigures;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whether anything of a tenant's is other than a page has it. May read the disk. */
@Singleton
class News {
  private final LiveFigures figures;
  private final AdapterRegistry registry;
  private final TuningJobs jobs;
  private final DriftWatch watch;
  private final GovernorHistory history;
  private final ExampleStore examples;

  @Inject
  News(
      LiveFigures figures,
      AdapterRegistry registry,
      TuningJobs jobs,
      DriftWatch watch,
      GovernorHistory history,
      ExampleStore examples) {
    this.figures = figures;
    this.registry = registry;
    this.jobs = jobs;
    this.watch = watch;
    this.history = history;
    this.examples = examples;
  }

  /**
   * What a page is told.
   *
   * @param figures null within the server's first second
   */
  record Message(@Nullable Figures figures, Stamps stamps) {}

  /** Of each kind, something that is another when it has changed; nothing else is meant by it. */
  record Stamps(String adapters, String jobs, String drift, String feedback) {}

  Message of(String tenant) {
    List<AdapterSnapshot> adapters = registry.list(tenant);
    int adapterStamp =
        adapters.stream().map(each -> Objects.hash(each.id(), each.version())).toList().hashCode();
    int jobStamp =
        jobs.list(tenant).stream()
            .map(each -> Objects.hash(each.id(), each.version(), each.progress()))
            .toList()
            .hashCode();
    int driftStamp =
        watch.reports().stream()
                .filter(each -> each.served().id().tenant().equals(tenant))
                .mapToInt(each -> Objects.hash(each.served(), each.answers(), each.level()))
                // The watch's own order is that of the latest answers.
                .sum()
            + adapters.stream()
                .mapToInt(each -> Objects.hash(each.id(), history.of(each.id()).size()))
                .sum();
    int feedbackStamp =
        adapters.stream()
            .mapToInt(each -> Objects.hash(each.id(), examples.counts(each.id()).usable()))
            .sum();
    return new Message(
        figures.latest(),
        new Stamps(
            Integer.toHexString(adapterStamp),
            Integer.toHexString(jobStamp),
            Integer.toHexString(driftStamp),
            Integer.toHexString(feedbackStamp)));
  }
}
