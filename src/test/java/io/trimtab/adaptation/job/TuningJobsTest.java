package io.trimtab.adaptation.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.feedback.TriggerReason;
import io.trimtab.adaptation.job.TuningJob.Progress;
import io.trimtab.adapter.AdapterId;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.FileObjectStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two of them over one store stand for two processes. */
class TuningJobsTest {
  private static final AdapterId BIRDS = new AdapterId("t", "birds");
  private static final AdapterId CLOCKS = new AdapterId("t", "clocks");

  @TempDir Path folder;
  private FileObjectStore store;
  private TuningJobs here;
  private TuningJobs there;
  private final List<TuningJob> told = new ArrayList<>();

  @BeforeEach
  void open() {
    store = FileObjectStore.open(folder);
    here = TuningJobs.open(store, Clock.systemUTC(), told::add);
    there = TuningJobs.open(store, Clock.systemUTC(), _ -> {});
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void anAdapterHasOneJobAtATimeWhicheverProcessAsks() {
    TuningJob job = start(here, BIRDS);
    refused(ErrorCode.FAILED_PRECONDITION, () -> start(there, BIRDS));
    assertThat(start(there, CLOCKS).number()).isEqualTo(1);
    here.change(job.id(), draft -> draft.state(JobState.PUBLISHED));
    assertThat(start(there, BIRDS).number()).isEqualTo(2);
  }

  @Test
  void ofManyWhoStartAtOnceOneDoes() throws Exception {
    Set<String> started = ConcurrentHashMap.newKeySet();
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (TuningJobs jobs : List.of(here, there, here, there)) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      go.await();
                      started.add(start(jobs, BIRDS).id());
                    } catch (TrimtabException | InterruptedException e) {
                      // Another was first.
                    }
                  }));
    }
    go.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(started).hasSize(1);
    here.refresh();
    assertThat(here.open()).extracting(TuningJob::id).containsExactlyElementsOf(started);
  }

  @Test
  void whatOneCancelsTheOtherSees() {
    TuningJob job = start(here, BIRDS);
    there.cancel("t", job.id());
    assertThat(here.get("t", job.id()).state()).isEqualTo(JobState.CANCELLED);
    refused(ErrorCode.FAILED_PRECONDITION, () -> here.cancel("t", job.id()));
  }

  @Test
  void anotherTenantsJobIsNotThere() {
    TuningJob job = start(here, BIRDS);
    refused(ErrorCode.NOT_FOUND, () -> here.get("other", job.id()));
    refused(ErrorCode.NOT_FOUND, () -> here.cancel("other", job.id()));
    refused(ErrorCode.NOT_FOUND, () -> here.get("t", "no such job"));
    assertThat(here.list("other")).isEmpty();
  }

  @Test
  void progressIsSeenHereAndKeptWithTheNextChange() {
    TuningJob job = start(here, BIRDS);
    Progress progress = new Progress(3, 10, 0.5, 0, 0, 100);
    here.progressed(job.id(), progress);
    assertThat(here.get("t", job.id()).progress()).isEqualTo(progress);
    assertThat(there.get("t", job.id()).progress()).isEqualTo(Progress.NONE);
    here.change(job.id(), draft -> draft.state(JobState.EVALUATING).progress(progress));
    assertThat(there.get("t", job.id()).progress()).isEqualTo(progress);
  }

  /** As a process leaves it that dies between the job and its turn. */
  @Test
  void aJobWithoutATurnIsNone() {
    TuningJob job = start(here, BIRDS);
    TuningJob orphan =
        new TuningJob(
            "0".repeat(32),
            BIRDS,
            1,
            2,
            JobState.QUEUED,
            job.recipe(),
            job.trigger(),
            job.counts(),
            job.progress(),
            job.newestExample(),
            0,
            null,
            job.created(),
            job.updated(),
            "",
            job.leaseUntil(),
            "",
            "");
    assertThat(new JobLines(store).append(orphan)).isTrue();
    there.refresh();
    assertThat(there.open()).extracting(TuningJob::id).containsExactly(job.id());
    assertThat(there.list("t")).hasSize(1);
    here.change(job.id(), draft -> draft.failed("as if"));
    assertThat(start(there, BIRDS).number()).isEqualTo(2);
  }

  @Test
  void aChangeIsDecidedOnTheNewestVersion() {
    TuningJob job = start(here, BIRDS);
    there.change(job.id(), draft -> draft.state(JobState.TRAINING));
    assertThat(
            here.change(
                job.id(), now -> now.state() == JobState.QUEUED, draft -> draft.failed("x")))
        .isEmpty();
    assertThat(here.get("t", job.id()).state()).isEqualTo(JobState.TRAINING);
  }

  @Test
  void theNewestComesFirstAndAllSurvivesAReopening() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      TuningJob job = start(here, BIRDS);
      ids.addFirst(job.id());
      here.change(job.id(), draft -> draft.state(JobState.REJECTED));
    }
    TuningJobs reopened = TuningJobs.open(store, Clock.systemUTC(), told::add);
    assertThat(reopened.of(BIRDS)).extracting(TuningJob::id).containsExactlyElementsOf(ids);
    // Opening tells of nothing: three starts and three ends.
    assertThat(told).hasSize(6);
  }

  private static TuningJob start(TuningJobs jobs, AdapterId adapter) {
    return jobs.start(adapter, "sa-proj", TriggerReason.EXAMPLES);
  }

  private static void refused(ErrorCode code, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            TrimtabException.class, reason -> assertThat(reason.code()).isEqualTo(code));
  }
}
