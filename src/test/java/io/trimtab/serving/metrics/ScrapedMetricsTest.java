package io.trimtab.serving.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.feedback.TriggerReason;
import io.trimtab.adaptation.governor.GovernorAction;
import io.trimtab.adaptation.governor.GovernorEvent;
import io.trimtab.adaptation.governor.GovernorEvent.Outcome;
import io.trimtab.adaptation.job.JobState;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.DriftSignal.Cause;
import io.trimtab.drift.Served;
import io.trimtab.store.UnsyncedStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScrapedMetricsTest {
  private static final AdapterId BIRDS = new AdapterId("acme", "birds");

  @TempDir private Path folder;

  @Test
  void aSourceThatFailsIsMissingAlone() {
    Scrape scrape =
        Scrape.of(
            _ -> {
              throw new IllegalStateException("of a source");
            },
            into -> {
              into.counter("half_total", "Told before the failure", 1);
              throw new IllegalStateException("of another");
            },
            new FeedbackMetrics(() -> OptionalLong.of(7)));
    assertThat(scrape.types()).containsOnlyKeys("trimtab_feedback_lag_records");
    assertThat(scrape.value("trimtab_feedback_lag_records")).isEqualTo(7);
  }

  @Test
  void aLagThatIsNotKnownIsNotTold() {
    assertThat(Scrape.of(new FeedbackMetrics(OptionalLong::empty)).text()).isEmpty();
  }

  @Test
  void jobsAreToldByStateAndTheirCandidatesByVerdict() {
    TuningJobs jobs = TuningJobs.open(UnsyncedStore.open(folder), Clock.systemUTC(), _ -> {});
    GateReport passed = new GateReport(Verdict.PASSED, List.of());
    String first = jobs.start(BIRDS, "sa-proj", TriggerReason.MANUAL).id();
    jobs.change(first, draft -> draft.state(JobState.PUBLISHED).gate(passed).revision(1));
    jobs.start(BIRDS, "sa-proj", TriggerReason.MANUAL);
    jobs.start(new AdapterId("acme", "trees"), "sa-proj", TriggerReason.MANUAL);
    Scrape scrape = Scrape.of(new TuningMetrics(jobs::known, () -> true));
    assertThat(scrape.value("trimtab_tuning_jobs{state=\"queued\",}")).isEqualTo(2);
    assertThat(scrape.value("trimtab_tuning_jobs{state=\"published\",}")).isEqualTo(1);
    assertThat(scrape.value("trimtab_tuning_jobs{state=\"failed\",}")).isZero();
    assertThat(scrape.value("trimtab_tuning_held")).isEqualTo(1);
    assertThat(scrape.value("trimtab_gate_verdicts{verdict=\"passed\",}")).isEqualTo(1);
    assertThat(scrape.value("trimtab_gate_verdicts{verdict=\"refused\",}")).isZero();
  }

  @Test
  void theGovernorsActionsAreCountedByOutcome() {
    GovernorCounts counts = new GovernorCounts();
    counts.tell(event(GovernorAction.DAMP, Outcome.DONE));
    counts.tell(event(GovernorAction.DAMP, Outcome.DONE));
    counts.tell(event(GovernorAction.DAMP, Outcome.ADVISED));
    counts.tell(event(GovernorAction.ROLLBACK, Outcome.NOT_DONE));
    Scrape scrape = Scrape.of(counts);
    String actions = "trimtab_governor_actions_total{action=\"%s\",outcome=\"%s\",}";
    assertThat(scrape.types()).containsEntry("trimtab_governor_actions_total", "counter");
    assertThat(scrape.value(actions.formatted("damp", "done"))).isEqualTo(2);
    assertThat(scrape.value(actions.formatted("damp", "advised"))).isEqualTo(1);
    assertThat(scrape.value(actions.formatted("rollback", "not_done"))).isEqualTo(1);
    assertThat(scrape.value(actions.formatted("quarantine", "done"))).isZero();
  }

  private static GovernorEvent event(GovernorAction action, Outcome outcome) {
    return new GovernorEvent(
        Instant.EPOCH,
        new DriftSignal(
            Instant.EPOCH,
            new Served(BIRDS, 1, 1),
            "numbers_bias+",
            DriftLevel.DRIFT,
            1,
            1,
            0,
            Cause.MODEL,
            1,
            ""),
        action,
        outcome,
        0,
        "");
  }
}
