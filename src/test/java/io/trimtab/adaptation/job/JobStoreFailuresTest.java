package io.trimtab.adaptation.job;

import static io.trimtab.adaptation.job.JobBench.BIRDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.FaultyStore;
import io.trimtab.adaptation.FaultyStore.Step;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionState;
import io.trimtab.engine.api.EngineHealth;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A store or an engine that is away for a while: a job makes one revision all the same. */
@Timeout(180)
class JobStoreFailuresTest {
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
  void aStoreThatIsAwayForAMomentDoesNotEndTheTraining() {
    TuningJob job = here.queued(BIRDS);
    here.trainer.script(
        run ->
            store.atNext(
                Step.LATEST,
                () -> {
                  JobRig.finish(run);
                  throw new TrimtabException(ErrorCode.UNAVAILABLE, "The disk is away");
                }));
    JobRig.run(here, job);
    assertThat(here.trainer.runs()).singleElement().matches(run -> !run.stopped());
    rig.requirePublished(job);
  }

  @Test
  void aStoreThatIsAwayForAMomentDoesNotEndTheWatchOfTheLease() {
    TuningJob job = here.queued(BIRDS);
    JobBench elsewhere = rig.another();
    here.judge(
        (tenant, candidate, set, listener) -> {
          store.failAt(Step.LATEST, 1);
          while (store.isArmed(Step.LATEST)) {
            LockSupport.parkNanos(1_000_000);
          }
          elsewhere.jobs.cancel("acme", job.id());
          return JobRig.never();
        });
    JobRig.run(here, job);
    rig.requireCancelled(job);
  }

  /** The scheduler calls again where the store failed; this does so here. */
  @ParameterizedTest
  @EnumSource(names = {"PUT", "AFTER_PUT", "NEW_BLOB"})
  void aStoreThatFailsAtAnyWriteMakesOneRevision(Step step) {
    here.correct(BIRDS, "first", JobBench.EXAMPLES);
    int reached = 0;
    for (int number = 1; number == reached + 1; number++) {
      TuningJob job = here.start(BIRDS);
      store.failAt(step, number);
      runUntilItEnds(job);
      if (!store.isArmed(step)) {
        reached = number;
      }
      store.atNext(step, () -> {});
      rig.requirePublished(job);
      makeRoom(job);
    }
    assertThat(reached).as("writes that failed").isGreaterThanOrEqualTo(1);
  }

  private void runUntilItEnds(TuningJob job) {
    for (int run = 0; run < 3 && !rig.now(job).state().ended(); run++) {
      try {
        JobRig.run(here, job);
      } catch (TrimtabException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
      }
    }
  }

  /** For the next one's revision. */
  private void makeRoom(TuningJob job) {
    here.registry.activate(BIRDS, Activation.of(0));
    here.registry.delete(BIRDS, here.now(job).publishedRevision(), "");
  }

  @ParameterizedTest
  @EnumSource(names = {"UNAVAILABLE", "INTERNAL"})
  void anEngineThatHasFailedLeavesTheJobAndItsFolderToTheNextStart(ErrorCode code) {
    TuningJob job = here.queued(BIRDS);
    here.judge(
        (tenant, candidate, set, listener) -> {
          here.engine.health(new EngineHealth.Failed("as the test ordered"));
          throw new TrimtabException(code, "The step loop has died");
        });
    assertThatThrownBy(() -> JobRig.run(here, job))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining("The step loop has died");
    TuningJob left = here.now(job);
    assertThat(left.state()).as(left.error()).isEqualTo(JobState.EVALUATING);
    assertThat(here.folders.of(job.id())).exists();
    JobRig.run(here, job);
    assertThat(here.now(job)).as("not taken while the engine is down").isEqualTo(left);

    JobBench restarted = rig.restarted();
    JobRig.run(restarted, job);
    rig.requirePublished(job);
  }

  /** Every third of each kind: they are many, and neighbours among them are alike. */
  @ParameterizedTest
  @EnumSource(names = {"BLOB", "READ", "LATEST"})
  void aStoreThatFailsAtAnyReadMakesOneRevision(Step step) {
    here.correct(BIRDS, "first", JobBench.EXAMPLES);
    boolean failed = true;
    for (int number = 1; failed; number += 3) {
      TuningJob job = here.start(BIRDS);
      store.failAt(step, number);
      runUntilItEnds(job);
      failed = !store.isArmed(step);
      assertThat(failed || number > 1).as("reads that failed").isTrue();
      store.atNext(step, () -> {});
      rig.requirePublished(job);
      makeRoom(job);
    }
  }

  /** Of a limit of ours there is no IOException: see JobRunnerTest. */
  @Test
  void aDiskThatIsFullLeavesTheJobAndWhatWasTrained() {
    TuningJob job = here.queued(BIRDS);
    here.judge(
        (tenant, candidate, set, listener) -> {
          JobRig.mark(here.folders.of(job.id()));
          store.atNext(
              Step.NEW_BLOB,
              () -> {
                throw new TrimtabException(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "The blob could not be written",
                    new IOException("No space left on device"));
              });
          return JobBench.judgement(Verdict.PASSED);
        });
    requireLeft(job, "The blob could not be written");
    here.judge((tenant, candidate, set, listener) -> JobBench.judgement(Verdict.PASSED));
    JobRig.run(here, job);
    rig.requirePublished(job);
  }

  @Test
  void aFolderThatCannotBeReadNowLeavesTheJobAndWhatWasTrained() {
    TuningJob job = here.queued(BIRDS);
    here.judge(
        (tenant, candidate, set, listener) -> {
          JobRig.mark(here.folders.of(job.id()));
          throw new UncheckedIOException(new IOException("Input/output error"));
        });
    requireLeft(job, "Input/output error");
    here.judge((tenant, candidate, set, listener) -> JobBench.judgement(Verdict.PASSED));
    JobRig.run(here, job);
    rig.requirePublished(job);
  }

  private void requireLeft(TuningJob job, String reason) {
    assertThatThrownBy(() -> JobRig.run(here, job))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining(reason);
    assertThat(here.now(job).state()).as(here.now(job).error()).isEqualTo(JobState.EVALUATING);
    assertThat(here.folders.of(job.id()).resolve("mark")).exists();
  }

  @Test
  void aStoreThatStaysAwayWhileAJobEndsLeavesItsEndToTheNextTry() {
    TuningJob job = here.queued(BIRDS);
    here.engine.preloadFailure(null);
    store.atNext(Step.AFTER_PUT, () -> {});
    here.judge(
        (tenant, candidate, set, listener) -> {
          // The gate's word, the revision and its activation are written; the end is not.
          failFrom(4);
          return JobBench.judgement(Verdict.PASSED);
        });
    JobRig.run(here, job);
    assertThat(here.now(job).state()).isEqualTo(JobState.EVALUATING);
    assertThat(here.revisions(BIRDS))
        .extracting(Revision::state)
        .containsExactly(RevisionState.ACTIVE);
    store.atNext(Step.PUT, () -> {});
    JobRig.run(here, job);
    rig.requirePublished(job);
    assertThat(here.trainer.runs()).hasSize(1);
  }

  /** Every write from the n-th on fails. */
  private void failFrom(int number) {
    store.atNext(
        Step.PUT,
        () -> {
          failFrom(Math.max(1, number - 1));
          if (number == 1) {
            throw new TrimtabException(ErrorCode.UNAVAILABLE, "The disk is away");
          }
        });
  }

  @Test
  void anActivationThatFailsForAMomentIsTriedAgain() {
    TuningJob job = here.queued(BIRDS);
    here.engine.preloadFailure(new TrimtabException(ErrorCode.UNAVAILABLE, "Not ready yet"));
    store.atNext(Step.NEW_BLOB, () -> {});
    store.atNext(
        Step.HAS_BLOB, () -> store.atNext(Step.LATEST, () -> here.engine.preloadFailure(null)));
    JobRig.run(here, job);
    rig.requirePublished(job);
  }

  @Test
  void anActivationThatFailsForGoodFailsTheJobAndKeepsTheRevision() {
    TuningJob job = here.queued(BIRDS);
    here.engine.preloadFailure(new TrimtabException(ErrorCode.INTERNAL, "The files are lost"));
    JobRig.run(here, job);
    assertThat(here.now(job).error())
        .isEqualTo("Revision 1 of birds is kept, but not active: The files are lost");
    assertThat(here.revisions(BIRDS))
        .extracting(Revision::state)
        .containsExactly(RevisionState.STAGED);
  }
}
