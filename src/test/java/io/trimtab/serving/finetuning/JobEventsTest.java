package io.trimtab.serving.finetuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.feedback.TriggerReason;
import io.trimtab.adaptation.job.JobState;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adaptation.job.TuningJob.Counts;
import io.trimtab.adaptation.job.TuningJob.Progress;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.store.FileObjectStore;
import io.trimtab.store.UnsyncedStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobEventsTest {
  private static final AdapterId BIRDS = new AdapterId("t", "birds");

  @TempDir Path folder;
  private FileObjectStore store;
  private TuningJobs jobs;
  private TuningJob job;

  @BeforeEach
  void open() {
    store = UnsyncedStore.open(folder);
    jobs = TuningJobs.open(store, Clock.systemUTC(), _ -> {});
    job = jobs.start(BIRDS, "sa-proj", TriggerReason.MANUAL);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void aJobIsToldFromItsCreationToItsEnd() {
    trained();
    jobs.change(job.id(), draft -> draft.gate(report(Verdict.PASSED)));
    jobs.change(job.id(), draft -> draft.state(JobState.PUBLISHED).revision(3));
    assertThat(events().reversed())
        .extracting(JobEvent::message)
        .containsExactly(
            "The job was created for the adapter 'birds'",
            "The job has started",
            "9 corrections: 6 to train on, 1 to stop by, 2 to judge by",
            "Step 7/20: training loss=0.5000",
            "The candidate is being judged",
            "The gate passed the candidate",
            "New fine-tuned model: birds@3");
    assertThat(events()).extracting(JobEvent::id).isSortedAccordingTo((a, b) -> b.compareTo(a));
  }

  @Test
  void aRefusalSaysWhat() {
    trained();
    jobs.change(job.id(), draft -> draft.state(JobState.REJECTED).gate(report(Verdict.REFUSED)));
    assertThat(events().getFirst().level()).isEqualTo("error");
    assertThat(events().get(1).message())
        .isEqualTo("The gate refused the candidate: forgetting: too much");
    assertThat(events().get(1).data()).isEqualTo(report(Verdict.REFUSED));
  }

  @Test
  void progressThatIsNotKeptIsToldAsTheLatest() {
    jobs.change(job.id(), draft -> draft.state(JobState.TRAINING));
    jobs.progressed(job.id(), new Progress(3, 20, 0.5, 0, 0, Double.NaN));
    assertThat(events().getFirst().data()).isEqualTo(new JobEvents.Metrics(3, 20, 0.5, null, null));
  }

  /** Between two pages progress goes on, and what was told as the latest is told no more. */
  @Test
  void pagesFitTogetherWhileTheJobGoesOn() {
    jobs.change(job.id(), draft -> draft.state(JobState.TRAINING));
    jobs.progressed(job.id(), new Progress(3, 20, 0.5, 0, 0, 100));
    String latest = events().getFirst().id();
    List<JobEvent> kept = new ArrayList<>(events().subList(1, events().size()));
    jobs.change(job.id(), draft -> draft.state(JobState.CANCELLED));
    assertThat(events()).noneMatch(event -> event.id().equals(latest));
    assertThat(JobEvents.behind(latest, job, events())).isEqualTo(kept);
    assertThat(JobEvents.behind(null, job, events())).isEqualTo(events());
    assertThatThrownBy(() -> JobEvents.behind("ftevent-other", job, events()))
        .hasMessageContaining("expected the id of one of the job's events");
  }

  @ParameterizedTest
  @CsvSource({
    "QUEUED, queued, false",
    "TRAINING, running, false",
    "EVALUATING, running, false",
    "PUBLISHED, succeeded, true",
    "REJECTED, failed, true",
    "FAILED, failed, true",
    "CANCELLED, cancelled, true",
  })
  void everyStateHasAStatus(JobState state, String status, boolean ended) {
    JobObject object =
        object(
            jobs.change(
                job.id(), draft -> draft.state(state).revision(2).gate(report(Verdict.REFUSED))));
    assertThat(object.status()).isEqualTo(status);
    assertThat(object.finishedAt() != null).isEqualTo(ended);
    assertThat(object.error() != null).isEqualTo(status.equals("failed"));
    assertThat(object.fineTunedModel()).isEqualTo(state == JobState.PUBLISHED ? "birds@2" : null);
  }

  @Test
  void aFailedJobSaysWhyAndOneThatBeganByItselfHasNoFile() {
    JobObject object = object(jobs.change(job.id(), draft -> draft.failed("out of memory")));
    assertThat(object.error()).isEqualTo(new JobObject.Error("job_failed", "out of memory", null));
    assertThat(object.trainingFile()).isEmpty();
    assertThat(object.seed()).isEqualTo(5);
  }

  private static JobObject object(TuningJob of) {
    return JobObject.of(of, Optional.empty(), new JobObject.Server("dinghy-llava", 5));
  }

  private void trained() {
    jobs.change(job.id(), draft -> draft.state(JobState.TRAINING));
    jobs.change(job.id(), draft -> draft.counts(new Counts(6, 1, 2), Instant.EPOCH));
    // A lease that is renewed is no news.
    jobs.change(job.id(), draft -> draft.owner("here", Instant.EPOCH));
    jobs.change(
        job.id(),
        draft ->
            draft.state(JobState.EVALUATING).progress(new Progress(7, 20, 0.5, 0.4, 0.5, 100)));
  }

  private static GateReport report(Verdict verdict) {
    return new GateReport(
        verdict, List.of(new GateReport.Check("forgetting", 0.2, 0.08, verdict, "too much")));
  }

  private List<JobEvent> events() {
    return JobEvents.of(jobs.history("t", job.id()), jobs.get("t", job.id()));
  }
}
