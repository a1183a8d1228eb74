package io.trimtab.adaptation.job;

import static io.trimtab.adaptation.job.JobBench.BIRDS;
import static io.trimtab.adaptation.job.JobBench.CLOCKS;
import static io.trimtab.adaptation.job.JobBench.EXAMPLES;
import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.FaultyStore.Step;
import io.trimtab.adaptation.feedback.DueAdapter;
import io.trimtab.engine.api.EngineHealth;
import io.trimtab.store.LineName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One thread begins the jobs of all tenants: what is damaged of one adapter holds up no other. */
@Timeout(180)
class TuningSchedulerTest {
  private static final byte[] DAMAGED = "{}".getBytes(StandardCharsets.US_ASCII);

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

  /** What was known of the job whose newest version can't be read. */
  enum Before {
    NOTHING,
    WAITING,
    ENDED
  }

  @ParameterizedTest
  @EnumSource(Before.class)
  void aJobThatCannotBeReadHoldsUpItsAdapterAlone(Before before) throws Exception {
    String damaged = damagedLastTurn(before);
    here.correct(BIRDS, "second", EXAMPLES);
    here.correct(CLOCKS, "first", EXAMPLES);
    requireTheOtherRuns(here, damaged);
  }

  @ParameterizedTest
  @EnumSource(Before.class)
  void theSameAfterARestart(Before before) throws Exception {
    String damaged = damagedLastTurn(before);
    here.correct(BIRDS, "second", EXAMPLES);
    here.correct(CLOCKS, "first", EXAMPLES);
    JobBench restarted = rig.restarted();
    assertThat(restarted.triggers.due(List.of()))
        .extracting(DueAdapter::adapter)
        .containsExactly(BIRDS, CLOCKS);
    requireTheOtherRuns(restarted, damaged);
  }

  @Test
  void anAdapterWhoseVersionsCannotBeReadIsNotDueAndAnotherIs() {
    TuningJob job = here.queued(BIRDS);
    here.jobs.change(job.id(), draft -> draft.failed("as if"));
    here.correct(CLOCKS, "first", EXAMPLES);
    rig.clock().turn(JobBench.TRIGGERS.coolDown());
    assertThat(here.triggers.due(List.of()))
        .extracting(DueAdapter::adapter)
        .containsExactlyInAnyOrder(BIRDS, CLOCKS);
    assertThat(rig.store().putIfAbsent(LineName.of("adapters", "acme", "birds"), 2, DAMAGED))
        .isTrue();
    assertThat(here.triggers.due(List.of()))
        .extracting(DueAdapter::adapter)
        .containsExactly(CLOCKS);
  }

  @Test
  void anIdleLookLooksThroughNoExamples() throws InterruptedException {
    here.correct(BIRDS, "first", 2);
    try (TuningScheduler scheduler = here.scheduler(Duration.ofHours(1))) {
      scheduler.start();
      // The first look lists jobs, and then examples; after the third list there is a second one.
      awaitLists(scheduler, 3);
      int before = rig.store().reads("examples");
      awaitLists(scheduler, 5);
      assertThat(rig.store().reads("examples")).isEqualTo(before);
    }
  }

  @Test
  void aJobBeginsWithWhatOthersKeptSinceTheLastLook() throws InterruptedException {
    JobBench there = rig.another();
    CountDownLatch published = new CountDownLatch(1);
    here.listeners.add(
        job -> {
          if (job.state() == JobState.PUBLISHED) {
            published.countDown();
          }
        });
    try (TuningScheduler scheduler = here.scheduler(Duration.ofHours(1))) {
      scheduler.start();
      awaitLists(scheduler, 3);
      TuningJob job = there.queued(BIRDS);
      assertThat(published.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(here.now(job).counts().all()).isEqualTo(EXAMPLES);
    }
  }

  @Test
  void noJobIsBegunWhileTheEngineCannotAnswer() throws InterruptedException {
    List<TuningJob> waiting = List.of(here.queued(BIRDS), here.queued(CLOCKS));
    here.engine.health(new EngineHealth.Failed("as the test ordered"));
    CountDownLatch published = new CountDownLatch(waiting.size());
    here.listeners.add(
        job -> {
          if (job.state() == JobState.PUBLISHED) {
            published.countDown();
          }
        });
    try (TuningScheduler scheduler = here.scheduler(Duration.ofHours(1))) {
      scheduler.start();
      awaitLists(scheduler, 4);
      assertThat(waiting)
          .allSatisfy(job -> assertThat(here.now(job).state()).isEqualTo(JobState.QUEUED));
      here.engine.health(new EngineHealth.Ready());
      scheduler.wake();
      assertThat(published.await(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private void awaitLists(TuningScheduler scheduler, int lists) throws InterruptedException {
    for (int list = 0; list < lists; list++) {
      CountDownLatch listed = new CountDownLatch(1);
      rig.store().atNext(Step.LINES, listed::countDown);
      scheduler.wake();
      assertThat(listed.await(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** The id of the adapter's last job, which has a folder here. */
  private String damagedLastTurn(Before before) throws IOException {
    String id = "0".repeat(32);
    switch (before) {
      case NOTHING -> {
        assertThat(new JobLines(rig.store()).take(BIRDS, 1, id)).isTrue();
        damage(id, 1);
      }
      case WAITING -> {
        id = here.queued(BIRDS).id();
        damage(id, 2);
      }
      case ENDED -> {
        id = here.queued(BIRDS).id();
        here.jobs.change(id, draft -> draft.seen(rig.clock().instant()).state(JobState.PUBLISHED));
        damage(id, 3);
      }
    }
    Files.createDirectories(here.folders.of(id));
    return id;
  }

  private void damage(String jobId, long version) {
    assertThat(rig.store().putIfAbsent(JobLines.line(jobId), version, DAMAGED)).isTrue();
  }

  private static void requireTheOtherRuns(JobBench bench, String damaged)
      throws InterruptedException {
    CountDownLatch published = new CountDownLatch(1);
    bench.listeners.add(
        job -> {
          if (job.adapter().equals(CLOCKS) && job.state() == JobState.PUBLISHED) {
            published.countDown();
          }
        });
    try (TuningScheduler scheduler = bench.scheduler()) {
      scheduler.start();
      assertThat(published.await(60, TimeUnit.SECONDS)).as("the other's job is run").isTrue();
    }
    assertThat(bench.trainer.runs()).hasSize(1);
    // What can't be read has not ended as far as is known.
    assertThat(bench.folders.of(damaged)).exists();
  }
}
