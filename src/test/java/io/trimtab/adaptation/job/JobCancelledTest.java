package io.trimtab.adaptation.job;

import static io.trimtab.adaptation.job.JobBench.BIRDS;
import static io.trimtab.adaptation.job.JobBench.STALLED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.FaultyStore;
import io.trimtab.adaptation.FaultyStore.Step;
import io.trimtab.adaptation.job.JobRig.When;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.engine.api.EncodedConversation;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A job that is cancelled, or whose adapter is deleted, at each of its steps: it ends once, makes
 * nothing, and the next one runs.
 */
@Timeout(180)
class JobCancelledTest {
  @TempDir private Path root;
  private JobRig rig;
  private FaultyStore store;
  private JobBench here;

  @BeforeEach
  void open() {
    rig = JobRig.open(root);
    store = rig.store();
    here = rig.here();
  }

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void aJobThatWasCancelledInTheQueueIsNotBegunNorAnotherInItsPlace() {
    TuningJob job = here.queued(BIRDS);
    here.jobs.cancel("acme", job.id());
    JobRig.run(here, job);
    assertThat(here.trainer.runs()).isEmpty();
    assertThat(here.triggers.due(List.of())).isEmpty();
    here.correct(BIRDS, "second", JobBench.EXAMPLES);
    assertThat(here.triggers.due(List.of())).isNotEmpty();
    rig.requireCancelled(job);
  }

  @Test
  void aJobIsCancelledWhileItsDataAreLaidOut() {
    TuningJob job = here.queued(BIRDS);
    JobBench elsewhere = rig.another();
    here.engine.encoder(
        messages -> {
          if (here.jobs.open().stream().anyMatch(open -> open.id().equals(job.id()))) {
            elsewhere.jobs.cancel("acme", job.id());
          }
          return new EncodedConversation(new int[] {1, 2, 3, 4, 5}, 4, List.of());
        });
    JobRig.run(here, job);
    assertThat(here.trainer.runs()).isEmpty();
    rig.requireCancelled(job);
  }

  /** The request, too, is ended: nobody waits for it any more. */
  @Test
  void aJobIsCancelledWhileAnAnswerIsWaitedFor() throws InterruptedException {
    TuningJob job = here.queued(BIRDS);
    JobBench elsewhere = rig.another();
    here.rehearse(List.of(JobLeaseTest.asked("never answered")));
    here.engine.script((request, listener) -> elsewhere.jobs.cancel("acme", job.id()));
    JobRig.run(here, job);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(here.engine.next().cancelled()).isCompleted();
    assertThat(here.trainer.runs()).isEmpty();
    here.rehearse(List.of());
    rig.requireCancelled(job);
  }

  @Test
  void aJobIsCancelledWhileItTrainsAndItsFolderGoesThoughTheTrainerWroteLast() {
    TuningJob job = here.queued(BIRDS);
    JobBench elsewhere = rig.another();
    here.trainer.script(run -> elsewhere.jobs.cancel("acme", job.id()));
    JobRig.run(here, job);
    assertThat(here.trainer.runs())
        .singleElement()
        .satisfies(run -> assertThat(run.stopped()).isTrue());
    rig.requireCancelled(job);
  }

  @Test
  void aJobIsCancelledWhileItIsJudged() {
    TuningJob job = here.queued(BIRDS);
    JobBench elsewhere = rig.another();
    here.judge(
        (tenant, candidate, set, listener) -> {
          elsewhere.jobs.cancel("acme", job.id());
          return JobRig.never();
        });
    JobRig.run(here, job);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    rig.requireCancelled(job);
  }

  @Test
  void aJobIsCancelledRightBeforeItIsPublished() {
    TuningJob job = here.queued(BIRDS);
    JobBench elsewhere = rig.another();
    here.judge(
        (tenant, candidate, set, listener) -> {
          // The next that is asked of the store is whether the job is this process' still.
          store.atNext(Step.LATEST, () -> elsewhere.jobs.cancel("acme", job.id()));
          return JobBench.judgement(Verdict.PASSED);
        });
    here.runner(STALLED).run(job);
    assertThat(store.isArmed(Step.LATEST)).isFalse();
    rig.requireCancelled(job);
  }

  @Test
  void whatIsBeingPublishedIsNotCancelled() {
    TuningJob job = here.queued(BIRDS);
    JobBench elsewhere = rig.another();
    List<String> refusals = new ArrayList<>();
    store.atNext(
        Step.NEW_BLOB,
        () ->
            assertThatThrownBy(() -> elsewhere.jobs.cancel("acme", job.id()))
                .isInstanceOfSatisfying(
                    TrimtabException.class,
                    refusal -> {
                      assertThat(refusal.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION);
                      refusals.add(refusal.getMessage());
                    }));
    JobRig.run(here, job);
    assertThat(refusals).singleElement().asString().contains("judged", job.id());
    rig.requirePublished(job);
  }

  /** As where a kill came between the deletion and what it ends. */
  @ParameterizedTest
  @EnumSource(When.class)
  void anAdapterThatIsDeletedMeanwhileIsNotRaisedFromTheDead(When when) {
    TuningJob job = here.queued(BIRDS);
    JobBench there = rig.another();
    rig.at(when, () -> there.registry.delete(BIRDS, 0, ""));
    JobRig.run(here, job);
    rig.requireCancelled(job);
    assertThat(here.now(job).error()).isEqualTo("The adapter was deleted");
    assertThat(rig.another().registry.list("acme"))
        .extracting(adapter -> adapter.id())
        .doesNotContain(BIRDS);
  }

  @ParameterizedTest
  @EnumSource(When.class)
  void anAdapterThatHasTheNameSinceIsNotTheJobs(When when) {
    TuningJob job = here.queued(BIRDS);
    JobBench there = rig.another();
    rig.at(
        when,
        () -> {
          there.registry.delete(BIRDS, 0, "");
          there.correct(BIRDS, "second", JobBench.EXAMPLES);
        });
    JobRig.run(here, job);
    rig.requireCancelled(job);
    assertThat(here.now(job).error()).isEqualTo("The adapter was deleted");
    TuningJob next = here.start(BIRDS);
    here.judge((tenant, candidate, set, listener) -> JobBench.judgement(Verdict.PASSED));
    here.trainer.script(ScriptedTrainer.Run::finish);
    JobRig.run(here, next);
    rig.requirePublished(next);
  }

  @ParameterizedTest
  @EnumSource(When.class)
  void anAdapterThatIsDeletedWithAllOfItEndsItsJob(When when) {
    TuningJob job = here.queued(BIRDS);
    JobBench there = rig.another();
    rig.at(when, () -> there.deletion.delete(BIRDS, ""));
    JobRig.run(here, job);
    rig.requireCancelled(job);
    assertThat(here.now(job).error()).isEqualTo("The adapter was deleted");
    here.examples.refresh();
    assertThat(here.examples.list(BIRDS)).isEmpty();
  }
}
