package io.trimtab.adaptation.job;

import static io.trimtab.adaptation.job.JobBench.BIRDS;
import static io.trimtab.adaptation.job.JobBench.QUICK;
import static io.trimtab.adaptation.job.JobBench.STALLED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.FaultyStore;
import io.trimtab.adaptation.FaultyStore.Step;
import io.trimtab.adaptation.job.JobRig.When;
import io.trimtab.adaptation.probes.Probe;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Role;
import io.trimtab.testing.FakeEngine;
import io.trimtab.tuning.job.JobFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A job that another process takes over, or that a stopping server leaves: it makes one revision.
 */
@Timeout(180)
class JobLeaseTest {
  private static final Duration LONGER_THAN_A_LEASE = Duration.ofMinutes(4);

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
  void aJobWhoseLeaseRanOutIsLeftToWhoTookIt() {
    TuningJob job = here.queued(BIRDS);
    JobBench there = rig.another();
    here.judge(
        (tenant, candidate, set, listener) -> {
          rig.clock().turn(LONGER_THAN_A_LEASE);
          JobRig.run(there, job);
          return JobBench.judgement(Verdict.PASSED);
        });
    here.runner(STALLED).run(job);
    rig.requirePublished(job);
    assertThat(here.now(job).owner()).isEqualTo("there");
  }

  /** Not even who stood still between his last look and the revision makes a second one. */
  @Test
  void aLeaseThatRanOutInTheMiddleOfPublishingMakesOneRevision() {
    TuningJob job = here.queued(BIRDS);
    JobBench there = rig.another();
    store.atNext(
        Step.NEW_BLOB,
        () -> {
          rig.clock().turn(LONGER_THAN_A_LEASE);
          JobRig.run(there, job);
        });
    here.runner(STALLED).run(job);
    rig.requirePublished(job);
  }

  @Test
  void aJobIsTakenOverWhileItTrains() {
    TuningJob job = here.queued(BIRDS);
    JobBench there = rig.another();
    here.trainer.script(
        run -> {
          rig.clock().turn(LONGER_THAN_A_LEASE);
          JobRig.run(there, job);
        });
    JobRig.run(here, job);
    assertThat(here.trainer.runs()).singleElement().matches(ScriptedTrainer.Run::stopped);
    rig.requirePublished(job);
  }

  @Test
  void theLeaseIsRenewedWhileTheTrainerWorks() {
    TuningJob job = here.queued(BIRDS);
    JobBench there = rig.another();
    here.trainer.script(
        run ->
            Thread.startVirtualThread(
                () -> {
                  for (int minute = 0; minute < 10; minute++) {
                    rig.clock().turn(Duration.ofMinutes(2));
                    awaitRenewal(there, job);
                  }
                  JobRig.finish(run);
                }));
    JobRig.run(here, job);
    rig.requirePublished(job);
  }

  @Test
  void theLeaseIsRenewedWhileOneAnswerIsWaitedFor() {
    TuningJob job = here.queued(BIRDS);
    JobBench there = rig.another();
    rig.at(
        When.LAYING_OUT,
        () -> {
          for (int minute = 0; minute < 10; minute++) {
            rig.clock().turn(Duration.ofMinutes(2));
            awaitRenewal(there, job);
          }
        });
    JobRig.run(here, job);
    rig.requirePublished(job);
  }

  /** What it has laid out is the other's to lay out anew. */
  @Test
  void aJobThatWasTakenOverAtItsLastExampleIsNotSealedByWhoLostIt() throws IOException {
    TuningJob job = here.queued(BIRDS);
    here.rehearse(List.of(asked("only")));
    JobBench there = rig.another();
    here.engine.script(
        (request, listener) -> {
          there.jobs.change(
              job.id(),
              draft -> draft.owner("there", rig.clock().instant().plus(LONGER_THAN_A_LEASE)));
          listener.finished(FakeEngine.completion("red"));
        });
    here.runner(STALLED).run(job);
    assertThat(JobFolder.isSealed(here.folders.of(job.id()))).isFalse();
    assertThat(here.trainer.runs()).isEmpty();
    assertThat(here.now(job).owner()).isEqualTo("there");
  }

  private void awaitRenewal(JobBench there, TuningJob job) {
    awaitRenewal(
        there, job, until -> !until.isBefore(rig.clock().instant().plus(Duration.ofMinutes(1))));
  }

  private static void awaitRenewal(JobBench there, TuningJob job, Predicate<Instant> renewed) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!renewed.test(there.jobs.get("acme", job.id()).leaseUntil())) {
      assertThat(System.nanoTime()).as("the lease is renewed").isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void aLeaseOfAClockThatWasAheadIsOverOnceItWasNotRenewedForItsTime() {
    TuningJob job = leasedByAClockThatIsAhead();
    JobRunner runner = here.runner(QUICK);
    assertThat(runner.mayTake(here.now(job))).isFalse();
    rig.clock().turn(LONGER_THAN_A_LEASE);
    runner.run(job);
    rig.requirePublished(job);
    assertThat(here.now(job).owner()).isEqualTo("here");
  }

  /** Else both would take it from each other for ever. */
  @Test
  void aLeaseThatIsRenewedByAClockThatIsAheadIsNotOver() {
    TuningJob job = leasedByAClockThatIsAhead();
    JobRunner runner = here.runner(QUICK);
    for (int look = 0; look < 5; look++) {
      assertThat(runner.mayTake(here.now(job))).as("look %d", look).isFalse();
      rig.clock().turn(LONGER_THAN_A_LEASE);
      here.jobs.change(
          job.id(), draft -> draft.owner("there", rig.clock().instant().plus(Duration.ofDays(2))));
    }
  }

  static Probe asked(String id) {
    return new Probe(id, "color", List.of(ChatMessage.text(Role.USER, id)), Optional.empty());
  }

  private TuningJob leasedByAClockThatIsAhead() {
    TuningJob job = here.queued(BIRDS);
    return here.jobs.change(
        job.id(),
        draft ->
            draft
                .state(JobState.TRAINING)
                .owner("there", rig.clock().instant().plus(Duration.ofDays(2))));
  }

  @Test
  void aLeaseFromBeforeTheClockWasPutBackIsRenewedByWhatItIsNow() {
    TuningJob job = here.queued(BIRDS);
    here.judge(
        (tenant, candidate, set, listener) -> {
          rig.clock().turn(Duration.ofDays(-2));
          awaitRenewal(
              rig.another(), job, until -> until.isBefore(rig.clock().instant().plusSeconds(240)));
          rig.clock().turn(Duration.ofDays(2));
          return JobBench.judgement(Verdict.PASSED);
        });
    JobRig.run(here, job);
    rig.requirePublished(job);
  }

  @ParameterizedTest
  @EnumSource(When.class)
  void anInterruptLeavesTheJobToTheNextStartWhichGoesOnWithItsFolder(When when) throws IOException {
    TuningJob job = here.queued(BIRDS);
    rig.at(
        when,
        () -> {
          if (when != When.LAYING_OUT) {
            JobRig.mark(here.folders.of(job.id()));
          }
          Thread.currentThread().interrupt();
        });
    JobRig.run(here, job);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(here.now(job).state().ended()).as(here.now(job).error()).isFalse();
    assertThat(here.revisions(BIRDS)).isEmpty();

    JobBench restarted = rig.restarted();
    restarted.trainer.script(
        run -> {
          assertThat(Files.exists(run.folder().resolve("mark"))).isEqualTo(when != When.LAYING_OUT);
          run.finish();
        });
    JobRig.run(restarted, job);
    assertThat(restarted.trainer.runs()).hasSize(1);
    rig.requirePublished(job);
  }

  /** The trainer is closed with the first of what ends, and the runner hears of it later. */
  @Test
  void aTrainerThatIsClosedLeavesTheJobToTheNextStart() {
    TuningJob job = here.queued(BIRDS);
    here.trainer.script(
        run -> {
          throw new TrimtabException(ErrorCode.UNAVAILABLE, "as at the server's end");
        });
    assertThatThrownBy(() -> JobRig.run(here, job)).hasMessage("as at the server's end");
    assertThat(here.now(job).state()).as(here.now(job).error()).isEqualTo(JobState.TRAINING);
    assertThat(here.revisions(BIRDS)).isEmpty();

    JobBench restarted = rig.restarted();
    JobRig.run(restarted, job);
    assertThat(restarted.trainer.runs()).hasSize(1);
    rig.requirePublished(job);
  }

  /** The watch is within the store as the judgement comes, and stays there until it is told off. */
  @Test
  void aLookThatLastsLongerThanTheJudgementDoesNotInterruptWhatComesAfterIt() {
    TuningJob job = here.queued(BIRDS);
    Thread running = Thread.currentThread();
    here.judge(
        (tenant, candidate, set, listener) -> {
          CountDownLatch looking = new CountDownLatch(1);
          store.atNext(
              Step.LATEST,
              () -> {
                looking.countDown();
                while (!Thread.currentThread().isInterrupted()
                    && running.getState() != Thread.State.WAITING) {
                  LockSupport.parkNanos(1_000_000);
                }
              });
          assertThat(looking.await(60, TimeUnit.SECONDS)).isTrue();
          return JobBench.judgement(Verdict.PASSED);
        });
    JobRig.run(here, job);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    rig.requirePublished(job);
  }
}
