package io.trimtab.adaptation.job;

import static io.trimtab.adaptation.job.JobBench.BIRDS;
import static io.trimtab.adaptation.job.JobBench.CLOCKS;
import static io.trimtab.adaptation.job.JobBench.QUICK;
import static io.trimtab.adaptation.job.JobBench.STALLED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.FaultyStore;
import io.trimtab.adaptation.FaultyStore.Step;
import io.trimtab.adaptation.feedback.Decision;
import io.trimtab.adaptation.gate.EvaluationItem;
import io.trimtab.adaptation.gate.Judge;
import io.trimtab.adaptation.gate.Judgement;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionState;
import io.trimtab.engine.EncodedConversation;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.FileObjectStore;
import io.trimtab.store.UnsyncedStore;
import io.trimtab.testing.TurnedClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What may happen to a job while it runs: it ends once, and makes one revision or none. */
@Timeout(60)
class JobRunnerTest {
  private static final Duration LONGER_THAN_A_LEASE = Duration.ofMinutes(4);

  @TempDir private Path root;
  private final TurnedClock clock = new TurnedClock();
  private FileObjectStore files;
  private FaultyStore store;
  private JobBench here;

  @BeforeEach
  void open() {
    files = UnsyncedStore.open(root.resolve("store"));
    store = new FaultyStore(files);
    here = new JobBench(store, clock, root, "here");
  }

  @AfterEach
  void close() {
    // Whatever was meant for the runner ends with the test.
    var _ = Thread.interrupted();
    files.close();
  }

  @ParameterizedTest
  @CsvSource({"PASSED, PUBLISHED, ACTIVE", "REFUSED, REJECTED, REJECTED"})
  void aJobEndsAsTheGateSays(Verdict verdict, JobState ended, RevisionState kept) {
    TuningJob job = here.queued(BIRDS);
    here.judge((tenant, candidate, set, listener) -> JobBench.judgement(verdict));
    run(here, job);
    TuningJob now = here.now(job);
    assertThat(now.state()).as(now.error()).isEqualTo(ended);
    assertThat(now.publishedRevision()).isEqualTo(1);
    assertThat(now.gate()).isEqualTo(JobBench.judgement(verdict).report());
    assertThat(now.counts().all()).isEqualTo(JobBench.EXAMPLES);
    assertThat(here.revisions(BIRDS)).extracting(Revision::state).containsExactly(kept);
    assertThat(here.folders.of(job.id())).doesNotExist();
  }

  @Test
  void aJobThatWasCancelledInTheQueueIsNotBegunNorAnotherInItsPlace() {
    TuningJob job = here.queued(BIRDS);
    here.jobs.cancel("acme", job.id());
    run(here, job);
    assertThat(here.trainer.runs()).isEmpty();
    assertThat(here.triggers.due(List.of())).isEmpty();
    here.correct(BIRDS, "second", JobBench.EXAMPLES);
    assertThat(here.triggers.due(List.of())).isPresent();
    requireCancelled(job);
  }

  @Test
  void aJobIsCancelledWhileItsDataAreLaidOut() {
    TuningJob job = here.queued(BIRDS);
    JobBench elsewhere = another();
    here.engine.encoder(
        messages -> {
          if (here.jobs.open().stream().anyMatch(open -> open.id().equals(job.id()))) {
            elsewhere.jobs.cancel("acme", job.id());
          }
          return new EncodedConversation(new int[] {1, 2, 3, 4, 5}, 4, List.of());
        });
    run(here, job);
    assertThat(here.trainer.runs()).isEmpty();
    requireCancelled(job);
  }

  @Test
  void aJobIsCancelledWhileItTrainsAndItsFolderGoesThoughTheTrainerWroteLast() {
    TuningJob job = here.queued(BIRDS);
    JobBench elsewhere = another();
    here.trainer.script(run -> elsewhere.jobs.cancel("acme", job.id()));
    run(here, job);
    assertThat(here.trainer.runs())
        .singleElement()
        .satisfies(run -> assertThat(run.stopped()).isTrue());
    requireCancelled(job);
  }

  @Test
  void aJobIsCancelledWhileItIsJudged() {
    TuningJob job = here.queued(BIRDS);
    JobBench elsewhere = another();
    here.judge(
        (tenant, candidate, set, listener) -> {
          elsewhere.jobs.cancel("acme", job.id());
          return never();
        });
    run(here, job);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    requireCancelled(job);
  }

  @Test
  void aJobIsCancelledRightBeforeItIsPublished() {
    TuningJob job = here.queued(BIRDS);
    JobBench elsewhere = another();
    here.judge(
        (tenant, candidate, set, listener) -> {
          // The next that is asked of the store is whether the job is this process' still.
          store.atNext(Step.LATEST, () -> elsewhere.jobs.cancel("acme", job.id()));
          return JobBench.judgement(Verdict.PASSED);
        });
    here.runner(STALLED).run(job);
    assertThat(store.isArmed(Step.LATEST)).isFalse();
    requireCancelled(job);
  }

  @Test
  void whatIsBeingPublishedIsNotCancelled() {
    TuningJob job = here.queued(BIRDS);
    JobBench elsewhere = another();
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
    run(here, job);
    assertThat(refusals).singleElement().asString().contains("judged", job.id());
    requirePublished(job);
  }

  @Test
  void aJobWhoseLeaseRanOutIsLeftToWhoTookIt() {
    TuningJob job = here.queued(BIRDS);
    JobBench there = another();
    here.judge(
        (tenant, candidate, set, listener) -> {
          clock.turn(LONGER_THAN_A_LEASE);
          run(there, job);
          return JobBench.judgement(Verdict.PASSED);
        });
    here.runner(STALLED).run(job);
    requirePublished(job);
    assertThat(here.now(job).owner()).isEqualTo("there");
  }

  /** Not even who stood still between his last look and the revision makes a second one. */
  @Test
  void aLeaseThatRanOutInTheMiddleOfPublishingMakesOneRevision() {
    TuningJob job = here.queued(BIRDS);
    JobBench there = another();
    store.atNext(
        Step.NEW_BLOB,
        () -> {
          clock.turn(LONGER_THAN_A_LEASE);
          run(there, job);
        });
    here.runner(STALLED).run(job);
    requirePublished(job);
  }

  @Test
  void aJobIsTakenOverWhileItTrains() {
    TuningJob job = here.queued(BIRDS);
    JobBench there = another();
    here.trainer.script(
        run -> {
          clock.turn(LONGER_THAN_A_LEASE);
          run(there, job);
        });
    run(here, job);
    assertThat(here.trainer.runs()).singleElement().matches(ScriptedTrainer.Run::stopped);
    requirePublished(job);
  }

  @Test
  void theLeaseIsRenewedWhileTheTrainerWorks() {
    TuningJob job = here.queued(BIRDS);
    JobBench there = another();
    here.trainer.script(
        run ->
            Thread.startVirtualThread(
                () -> {
                  for (int minute = 0; minute < 10; minute++) {
                    clock.turn(Duration.ofMinutes(2));
                    there.jobs.refresh();
                    awaitRenewal(there, job);
                  }
                  finish(run);
                }));
    run(here, job);
    requirePublished(job);
  }

  private void awaitRenewal(JobBench there, TuningJob job) {
    while (there.jobs.get("acme", job.id()).leaseUntil().isBefore(clock.instant().plusSeconds(60))) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** As where a kill came between the deletion and what it ends. */
  @ParameterizedTest
  @EnumSource(When.class)
  void anAdapterThatIsDeletedMeanwhileIsNotRaisedFromTheDead(When when) {
    TuningJob job = here.queued(BIRDS);
    JobBench there = another();
    at(when, () -> there.registry.delete(BIRDS, 0, ""));
    run(here, job);
    requireCancelled(job);
    assertThat(here.now(job).error()).isEqualTo("The adapter was deleted");
    assertThat(another().registry.list("acme"))
        .extracting(adapter -> adapter.id())
        .doesNotContain(BIRDS);
  }

  @ParameterizedTest
  @EnumSource(When.class)
  void anAdapterThatHasTheNameSinceIsNotTheJobs(When when) {
    TuningJob job = here.queued(BIRDS);
    JobBench there = another();
    at(
        when,
        () -> {
          there.registry.delete(BIRDS, 0, "");
          there.correct(BIRDS, "second", JobBench.EXAMPLES);
        });
    run(here, job);
    requireCancelled(job);
    assertThat(here.now(job).error()).isEqualTo("The adapter was deleted");
    TuningJob next = here.start(BIRDS);
    here.judge((tenant, candidate, set, listener) -> JobBench.judgement(Verdict.PASSED));
    here.trainer.script(ScriptedTrainer.Run::finish);
    run(here, next);
    requirePublished(next);
  }

  @ParameterizedTest
  @EnumSource(When.class)
  void anAdapterThatIsDeletedWithAllOfItEndsItsJob(When when) {
    TuningJob job = here.queued(BIRDS);
    JobBench there = another();
    at(when, () -> there.deletion.delete(BIRDS, ""));
    run(here, job);
    requireCancelled(job);
    assertThat(here.now(job).error()).isEqualTo("The adapter was deleted");
    here.examples.refresh();
    assertThat(here.examples.list(BIRDS)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "RESOURCE_EXHAUSTED, out of memory",
    "UNAVAILABLE, device is gone",
    "INTERNAL, a fault of the trainer",
  })
  void aTrainerThatFailsFailsTheJobAndWhatItWasToLearnIsTriedAfterThePause(
      ErrorCode code, String message) {
    TuningJob job = here.queued(BIRDS);
    here.trainer.script(run -> run.fail(code, message));
    run(here, job);
    requireFailed(job, message);
    requirePauseThenAnother(BIRDS);
    requireTheNextRuns();
  }

  @Test
  void aJudgeThatFindsNoRoomFailsTheJobAndWhatItWasToLearnIsTriedAfterThePause() {
    TuningJob job = here.queued(BIRDS);
    here.judge(
        (tenant, candidate, set, listener) -> {
          throw new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "The queue is full");
        });
    run(here, job);
    requireFailed(job, "The queue is full");
    requirePauseThenAnother(BIRDS);
    requireTheNextRuns();
  }

  /** What is damaged here and there: a name below the job's folder, and how many bytes are left. */
  @ParameterizedTest
  @CsvSource({
    "delta/adapter_model.safetensors, 1000",
    "delta/adapter_model.safetensors, 0",
    "delta/adapter_model.safetensors, -1",
    "delta/adapter_config.json, 20",
    "delta/adapter_config.json, -1",
  })
  void aDeltaThatIsDamagedFailsTheJob(String name, int bytes) {
    TuningJob job = here.queued(BIRDS);
    here.trainer.script(
        run -> {
          run.finish();
          damage(run.folder().resolve(name), bytes);
        });
    run(here, job);
    TuningJob now = here.now(job);
    assertThat(now.state()).isEqualTo(JobState.FAILED);
    assertThat(now.error()).startsWith("The delta that was trained can't be read: ").hasSizeGreaterThan(50);
    assertThat(here.revisions(BIRDS)).isEmpty();
    requireTheNextRuns();
  }

  @Test
  void anErrorOfTheProgramFailsTheJobAndNotTheThread() {
    TuningJob job = here.queued(BIRDS);
    here.judge(
        (tenant, candidate, set, listener) -> {
          throw new OutOfMemoryError("as the test ordered");
        });
    run(here, job);
    requireFailed(job, "The server ran out of memory: as the test ordered");
    requireTheNextRuns();
  }

  @ParameterizedTest
  @EnumSource(When.class)
  void anInterruptLeavesTheJobToTheNextStartWhichGoesOnWithItsFolder(When when) throws IOException {
    TuningJob job = here.queued(BIRDS);
    at(
        when,
        () -> {
          if (when != When.LAYING_OUT) {
            mark(here.folders.of(job.id()));
          }
          Thread.currentThread().interrupt();
        });
    run(here, job);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(here.now(job).state().ended()).as(here.now(job).error()).isFalse();
    assertThat(here.revisions(BIRDS)).isEmpty();

    JobBench restarted = new JobBench(files, clock, root, "here");
    restarted.trainer.script(
        run -> {
          assertThat(Files.exists(run.folder().resolve("mark"))).isEqualTo(when != When.LAYING_OUT);
          run.finish();
        });
    run(restarted, job);
    assertThat(restarted.trainer.runs()).hasSize(1);
    requirePublished(job);
  }

  @Test
  void aStoreThatIsAwayForAMomentDoesNotEndTheTraining() {
    TuningJob job = here.queued(BIRDS);
    here.trainer.script(
        run ->
            store.atNext(
                Step.LATEST,
                () -> {
                  finish(run);
                  throw new TrimtabException(ErrorCode.UNAVAILABLE, "The disk is away");
                }));
    run(here, job);
    assertThat(here.trainer.runs()).singleElement().matches(run -> !run.stopped());
    requirePublished(job);
  }

  @Test
  void aStoreThatIsAwayForAMomentDoesNotEndTheWatchOfTheLease() {
    TuningJob job = here.queued(BIRDS);
    JobBench elsewhere = another();
    here.judge(
        (tenant, candidate, set, listener) -> {
          store.failAt(Step.LATEST, 1);
          while (store.isArmed(Step.LATEST)) {
            LockSupport.parkNanos(1_000_000);
          }
          elsewhere.jobs.cancel("acme", job.id());
          return never();
        });
    run(here, job);
    requireCancelled(job);
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
          assertThat(looking.await(30, TimeUnit.SECONDS)).isTrue();
          return JobBench.judgement(Verdict.PASSED);
        });
    run(here, job);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    requirePublished(job);
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
      for (int run = 0; run < 3 && !here.now(job).state().ended(); run++) {
        try {
          run(here, job);
        } catch (TrimtabException e) {
          assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        }
      }
      if (!store.isArmed(step)) {
        reached = number;
      }
      store.atNext(step, () -> {});
      requirePublished(job);
      // Room for the next one's.
      here.registry.activate(BIRDS, Activation.of(0));
      here.registry.delete(BIRDS, here.now(job).publishedRevision(), "");
    }
    assertThat(reached).as("writes that failed").isGreaterThanOrEqualTo(1);
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
    run(here, job);
    assertThat(here.now(job).state()).isEqualTo(JobState.EVALUATING);
    assertThat(here.revisions(BIRDS)).extracting(Revision::state).containsExactly(RevisionState.ACTIVE);
    store.atNext(Step.PUT, () -> {});
    run(here, job);
    requirePublished(job);
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
        Step.HAS_BLOB,
        () -> store.atNext(Step.LATEST, () -> here.engine.preloadFailure(null)));
    run(here, job);
    requirePublished(job);
  }

  @Test
  void anActivationThatFailsForGoodFailsTheJobAndKeepsTheRevision() {
    TuningJob job = here.queued(BIRDS);
    here.engine.preloadFailure(new TrimtabException(ErrorCode.INTERNAL, "The files are lost"));
    run(here, job);
    assertThat(here.now(job).error())
        .isEqualTo("Revision 1 of birds is kept, but not active: The files are lost");
    assertThat(here.revisions(BIRDS)).extracting(Revision::state).containsExactly(RevisionState.STAGED);
  }

  @Test
  void whatWasTrainedOnIsNotAskedThoughExamplesWereTakenBackMeanwhile() {
    here.correct(BIRDS, "first", 120);
    TuningJob job = here.start(BIRDS);
    List<String> trained = new ArrayList<>();
    here.engine.encoder(
        messages -> new EncodedConversation(new int[] {1, 2, 3, 4, 5}, 4, List.of()));
    here.trainer.script(
        run -> {
          ExampleSplit split = ExampleSplit.of(here.examples.usable(BIRDS));
          Stream.of(split.training(), split.validation())
              .flatMap(List::stream)
              .forEach(example -> trained.add(example.feedbackId()));
          split.gate().forEach(example -> here.examples.retract("acme", example.feedbackId(), ""));
          run.finish();
        });
    List<String> asked = new ArrayList<>();
    here.judge(
        (tenant, candidate, set, listener) -> {
          set.validation().stream().map(EvaluationItem::id).forEach(asked::add);
          return JobBench.judgement(Verdict.PASSED);
        });
    run(here, job);
    // With fewer examples the gate's share grows, over some that were trained on.
    assertThat(ExampleSplit.of(here.examples.usable(BIRDS)).gate())
        .extracting(example -> example.feedbackId())
        .containsAnyElementsOf(trained);
    assertThat(asked).doesNotContainAnyElementsOf(trained);
  }

  @Test
  void theFolderOfAJobThatEndedElsewhereIsSweptAndOthersAreNot() throws IOException {
    TuningJob ended = here.queued(BIRDS);
    TuningJob open = here.queued(CLOCKS);
    for (String name : List.of(ended.id(), open.id(), "notes", "f".repeat(32))) {
      Files.createDirectories(here.folders.of(name).resolve("pictures"));
    }
    another().jobs.cancel("acme", ended.id());
    here.runner(QUICK).sweep();
    try (Stream<Path> left = Files.list(here.folders.root())) {
      assertThat(left)
          .extracting(path -> path.getFileName().toString())
          .containsExactlyInAnyOrder(open.id(), "notes", "f".repeat(32));
    }
  }

  /** Where something befalls a job. */
  enum When {
    LAYING_OUT,
    TRAINING,
    JUDGING,
    PUBLISHING
  }

  /** Has something happen, once, and the job go on if it may. */
  private void at(When when, Runnable happening) {
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

  private JobBench another() {
    return new JobBench(files, clock, root, "there");
  }

  private static void run(JobBench bench, TuningJob job) {
    bench.runner(QUICK).run(job);
  }

  /** As a judge that waits for the engine. */
  private static Judgement never() throws InterruptedException {
    new CountDownLatch(1).await();
    throw new AssertionError("Nobody counts it down");
  }

  private static void finish(ScriptedTrainer.Run run) {
    try {
      run.finish();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void mark(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("mark"), "a checkpoint");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void damage(Path file, int bytes) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Files.delete(file);
    if (bytes >= 0) {
      Files.write(file, Arrays.copyOf(whole, bytes));
    }
  }

  private void requirePublished(TuningJob job) {
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

  private void requireCancelled(TuningJob job) {
    assertThat(here.now(job).state()).as(here.now(job).error()).isEqualTo(JobState.CANCELLED);
    assertThat(here.revisions(job.adapter())).isEmpty();
    assertThat(here.folders.of(job.id())).doesNotExist();
    requireTheNextRuns();
  }

  private void requireFailed(TuningJob job, String reason) {
    TuningJob now = here.now(job);
    assertThat(now.state()).isEqualTo(JobState.FAILED);
    assertThat(now.error()).isEqualTo(reason);
    assertThat(here.revisions(job.adapter())).isEmpty();
    assertThat(here.folders.of(job.id())).doesNotExist();
  }

  private void requirePauseThenAnother(AdapterId adapter) {
    assertThat(here.triggers.decision(adapter)).isInstanceOf(Decision.Wait.class);
    clock.turn(JobBench.TRIGGERS.coolDown());
    assertThat(here.triggers.decision(adapter)).isInstanceOf(Decision.Tune.class);
  }

  private void requireTheNextRuns() {
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
