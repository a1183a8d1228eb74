package io.trimtab.adaptation.job;

import static io.trimtab.adaptation.job.JobBench.CLOCKS;
import static io.trimtab.adaptation.job.JobBench.QUICK;
import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.FaultyStore;
import io.trimtab.adaptation.FaultyStore.Step;
import io.trimtab.adaptation.feedback.Decision;
import io.trimtab.adaptation.gate.Judge;
import io.trimtab.adaptation.gate.Judgement;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.adapter.RevisionState;
import io.trimtab.engine.api.EncodedConversation;
import io.trimtab.store.FileObjectStore;
import io.trimtab.store.UnsyncedStore;
import io.trimtab.testing.TurnedClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A process that runs jobs, over a store that can be made to fail, and what is required of both.
 */
final class JobRig implements AutoCloseable {
  private final Path root;
  private final TurnedClock clock = new TurnedClock();
  private final FileObjectStore files;
  private final FaultyStore store;
  private final JobBench here;

  private JobRig(Path root) {
    this.root = root;
    this.files = UnsyncedStore.open(root.resolve("store"));
    this.store = new FaultyStore(files);
    this.here = new JobBench(store, clock, root, "here");
  }

  static JobRig open(Path root) {
    return new JobRig(root);
  }

  TurnedClock clock() {
    return clock;
  }

  /** What {@link #here} sees; other processes have the store itself. */
  FaultyStore store() {
    return store;
  }

  JobBench here() {
    return here;
  }

  /** The same process after a restart. */
  JobBench restarted() {
    return new JobBench(files, clock, root, "here");
  }

  @Override
  public void close() {
    // Whatever was meant for the runner ends with the test.
    var _ = Thread.interrupted();
    files.close();
  }

  /** Where something befalls a job. */
  enum When {
    LAYING_OUT,
    TRAINING,
    JUDGING,
    PUBLISHING
  }

  /** Has something happen, once, and the job go on if it may. */
  void at(When when, Runnable happening) {
    switch (when) {
      case LAYING_OUT -> {
        List<Runnable> once = new ArrayList<>(List.of(happening));
        here.engine.encoder(
            messages -> {
              if (!once.isEmpty()) {
                once.removeFirst().run();
              }
              return new EncodedConversation(new int[] {1, 2, 3, 4, 5}, 4, List.of());
            });
      }
      case TRAINING ->
          here.trainer.script(
              run -> {
                happening.run();
                if (!Thread.currentThread().isInterrupted()) {
                  run.finish();
                }
              });
      case JUDGING ->
          here.judge(
              (tenant, candidate, set, listener) -> {
                happening.run();
                Thread.sleep(0);
                return JobBench.judgement(Verdict.PASSED);
              });
      case PUBLISHING -> store.atNext(Step.NEW_BLOB, happening);
    }
  }

  /** Another process. */
  JobBench another() {
    return new JobBench(files, clock, root, "there");
  }

  /** As the store has it, without a fault that is meant for {@link #here}. */
  TuningJob now(TuningJob job) {
    return TuningJobs.open(files, clock, _ -> {}).get(job.adapter().tenant(), job.id());
  }

  static void run(JobBench bench, TuningJob job) {
    bench.runner(QUICK).run(job);
  }

  /** As a judge that waits for the engine. */
  static Judgement never() throws InterruptedException {
    new CountDownLatch(1).await();
    throw new AssertionError("Nobody counts it down");
  }

  static void finish(ScriptedTrainer.Run run) {
    try {
      run.finish();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static void mark(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("mark"), "a checkpoint");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static void damage(Path file, int bytes) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Files.delete(file);
    if (bytes >= 0) {
      Files.write(file, Arrays.copyOf(whole, bytes));
    }
  }

  void requirePublished(TuningJob job) {
    TuningJob now = here.now(job);
    assertThat(now.state()).as(now.error()).isEqualTo(JobState.PUBLISHED);
    assertThat(here.revisions(job.adapter()))
        .singleElement()
        .satisfies(
            revision -> {
              assertThat(revision.origin()).isEqualTo(job.id());
              assertThat(revision.revision()).isEqualTo(now.publishedRevision());
              assertThat(revision.state()).isEqualTo(RevisionState.ACTIVE);
            });
  }

  void requireCancelled(TuningJob job) {
    assertThat(here.now(job).state()).as(here.now(job).error()).isEqualTo(JobState.CANCELLED);
    assertThat(here.revisions(job.adapter())).isEmpty();
    assertThat(here.folders.of(job.id())).doesNotExist();
    requireTheNextRuns();
  }

  void requireFailed(TuningJob job, String reason) {
    TuningJob now = here.now(job);
    assertThat(now.state()).isEqualTo(JobState.FAILED);
    assertThat(now.error()).isEqualTo(reason);
    assertThat(here.revisions(job.adapter())).isEmpty();
    assertThat(here.folders.of(job.id())).doesNotExist();
  }

  void requirePauseThenAnother(AdapterId adapter) {
    assertThat(here.triggers.decision(adapter)).isInstanceOf(Decision.Wait.class);
    clock.turn(JobBench.TRIGGERS.coolDown());
    assertThat(here.triggers.decision(adapter)).isInstanceOf(Decision.Tune.class);
  }

  void requireTheNextRuns() {
    here.trainer.script(ScriptedTrainer.Run::finish);
    Judge passing = (tenant, candidate, set, listener) -> JobBench.judgement(Verdict.PASSED);
    here.judge(passing);
    here.engine.encoder(
        messages -> new EncodedConversation(new int[] {1, 2, 3, 4, 5}, 4, List.of()));
    TuningJob next = here.queued(CLOCKS);
    run(here, next);
    requirePublished(next);
  }
}
