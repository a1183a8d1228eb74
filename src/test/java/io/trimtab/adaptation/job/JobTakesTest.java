package io.trimtab.adaptation.job;

import static io.trimtab.adaptation.job.HeldUpJobs.REST;
import static io.trimtab.adaptation.job.JobBench.BIRDS;
import static io.trimtab.adaptation.job.JobBench.QUICK;
import static io.trimtab.adaptation.job.JobRunner.TAKES_MAX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.job.TuningJob.Progress;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.engine.api.EngineHealth;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.LineName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A job that is begun again and again is given up, unless it gets on. */
@Timeout(180)
class JobTakesTest {
  @TempDir private Path root;
  private JobRig rig;
  private JobBench here;

  @BeforeEach
  void open() {
    rig = JobRig.open(root);
    here = rig.here();
  }

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void aJobThatEndsItsServerTimeAndAgainIsGivenUp() {
    TuningJob job = here.queued(BIRDS);
    here.judge((tenant, candidate, set, listener) -> killed());
    for (int take = 1; take <= TAKES_MAX; take++) {
      JobRig.run(here, job);
      assertThat(here.now(job).state()).as("take %d", take).isEqualTo(JobState.EVALUATING);
    }
    JobRig.run(here, job);
    rig.requireFailed(
        job,
        "The server ended 8 times in a row while it ran this job, or had to leave it, at step 0 of"
            + " its training: the server's log or the kernel's says why");
    assertThat(here.trainer.runs()).hasSize(TAKES_MAX);
    rig.requireTheNextRuns();
  }

  /** A server that is killed a minute later would have got nowhere, as far as anybody knew. */
  @Test
  void theFirstFurtherStepIsKeptAtOnce() {
    TuningJob job = here.queued(BIRDS);
    JobBench there = rig.another();
    JobLease lease =
        JobLease.take(here.jobs, job.id(), _ -> true, "here", "cpu", JobBench.QUICK, rig.clock())
            .orElseThrow();
    assertThat(lease.countTake()).isEqualTo(1);
    here.jobs.progressed(job.id(), new Progress(50, 99, 1, 0, 0, 100));
    lease.keep();
    assertThat(there.jobs.get("acme", job.id()).progress().step()).isEqualTo(50);
    // The others are kept with the lease.
    here.jobs.progressed(job.id(), new Progress(51, 99, 1, 0, 0, 100));
    lease.keep();
    assertThat(there.jobs.get("acme", job.id()).progress().step()).isEqualTo(50);
  }

  @Test
  void aJobThatGetsFurtherEachTimeIsNot() {
    TuningJob job = here.queued(BIRDS);
    here.trainer.script(
        run -> {
          int step = here.trainer.runs().size();
          here.jobs.change(job.id(), draft -> draft.progress(new Progress(step, 99, 1, 0, 0, 100)));
          throw new JobLeft("as if the server had been killed");
        });
    for (int take = 1; take <= TAKES_MAX + 2; take++) {
      JobRig.run(here, job);
    }
    here.trainer.script(ScriptedTrainer.Run::finish);
    JobRig.run(here, job);
    rig.requirePublished(job);
  }

  @Test
  void aServerThatStopsInOrderCountsForNothing() {
    TuningJob job = here.queued(BIRDS);
    here.judge(
        (tenant, candidate, set, listener) -> {
          throw new InterruptedException("as where the server stops");
        });
    for (int take = 1; take <= TAKES_MAX + 2; take++) {
      JobRig.run(here, job);
      assertThat(Thread.interrupted()).isTrue();
    }
    here.judge((tenant, candidate, set, listener) -> JobBench.judgement(Verdict.PASSED));
    JobRig.run(here, job);
    rig.requirePublished(job);
  }

  /** Its engine stops before the job's thread is told. */
  @Test
  void norDoesOneWhoseEngineHasStoppedAlready() {
    TuningJob job = here.queued(BIRDS);
    here.judge(
        (tenant, candidate, set, listener) -> {
          here.engine.health(new EngineHealth.Stopping());
          throw new TrimtabException(ErrorCode.UNAVAILABLE, "The engine stops");
        });
    for (int take = 1; take <= TAKES_MAX + 2; take++) {
      here.engine.health(new EngineHealth.Ready());
      assertThatThrownBy(() -> JobRig.run(here, job)).hasMessageEndingWith("The engine stops");
    }
    here.engine.health(new EngineHealth.Ready());
    here.judge((tenant, candidate, set, listener) -> JobBench.judgement(Verdict.PASSED));
    JobRig.run(here, job);
    rig.requirePublished(job);
  }

  @Test
  void aJobThatIsHeldUpRestsLongerEachTimeAndFailsInTheEnd() {
    TuningJob job = here.queued(BIRDS);
    here.judge(
        (tenant, candidate, set, listener) -> {
          throw new TrimtabException(ErrorCode.UNAVAILABLE, "The disk is away");
        });
    JobRunner runner = here.runner(QUICK);
    for (int take = 1; take < TAKES_MAX; take++) {
      assertThatThrownBy(() -> runner.run(job)).hasMessageEndingWith("The disk is away");
      TuningJob left = here.now(job);
      rig.clock().turn(REST.multipliedBy(1L << (take - 1)).minusNanos(1));
      assertThat(runner.mayTake(left)).as("take %d", take).isFalse();
      rig.clock().turn(REST);
      assertThat(runner.mayTake(left)).as("take %d", take).isTrue();
    }
    runner.run(job);
    rig.requireFailed(job, "The disk is away (for the 8th time in a row)");
  }

  /** Else it would be begun for ever, or hold its adapter up. */
  @Test
  void aCountThatCannotBeReadFailsTheJob() {
    TuningJob job = here.queued(BIRDS);
    assertThat(
            rig.store()
                .putIfAbsent(
                    LineName.of("job-takes", job.id()),
                    1,
                    "{}".getBytes(StandardCharsets.US_ASCII)))
        .isTrue();
    JobRig.run(here, job);
    assertThat(here.now(job).state()).isEqualTo(JobState.FAILED);
    assertThat(here.now(job).error()).startsWith("The takes of the job " + job.id());
  }

  /** What follows is no different: the job is left, and its lease with it. */
  private static <T> T killed() {
    throw new JobLeft("as if the server had been killed");
  }
}
