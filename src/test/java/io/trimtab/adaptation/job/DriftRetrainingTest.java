package io.trimtab.adaptation.job;

import static io.trimtab.adaptation.job.JobBench.BIRDS;
import static io.trimtab.adaptation.job.JobBench.CLOCKS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.feedback.TriggerReason;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.TurnedClock;
import io.trimtab.tuning.job.Recipe;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a drifted adapter is tuned anew. */
class DriftRetrainingTest {
  private static final int EXAMPLES_MIN = 5;

  @TempDir private Path folder;
  private final TurnedClock clock = new TurnedClock();
  private FileObjectStore store;
  private JobBench bench;
  private DriftRetraining retraining;

  @BeforeEach
  void open() {
    store = FileObjectStore.open(folder.resolve("store"));
    bench = new JobBench(store, clock, folder, "here");
    retraining = new DriftRetraining(bench.jobs, bench.examples, Recipe.GATE_UP, EXAMPLES_MIN);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void enoughExamplesQueueAJobWithItsReason() {
    bench.correct(BIRDS, "first", EXAMPLES_MIN);

    TuningJob job = bench.jobs.get("acme", retraining.order(BIRDS));

    assertThat(job.adapter()).isEqualTo(BIRDS);
    assertThat(job.state()).isEqualTo(JobState.QUEUED);
    assertThat(job.trigger()).isEqualTo(TriggerReason.DRIFT);
    assertThat(job.recipe()).isEqualTo("gate-up");
  }

  @Test
  void tooFewAreRefusedWithBothNumbers() {
    bench.correct(BIRDS, "first", EXAMPLES_MIN - 1);
    // Those of another are not this one's.
    bench.correct(CLOCKS, "first", EXAMPLES_MIN);

    refused("The adapter 'birds' has 4 usable examples, expected at least 5 to be tuned anew");
    assertThat(bench.jobs.of(BIRDS)).isEmpty();
  }

  @Test
  void anAdapterWithoutAnyIsRefused() {
    refused("The adapter 'birds' has 0 usable examples, expected at least 5 to be tuned anew");
  }

  @Test
  void oneJobAtATimeIsEnough() {
    bench.correct(BIRDS, "first", EXAMPLES_MIN);
    String first = retraining.order(BIRDS);

    refused("The job " + first + " of the adapter 'birds' is QUEUED");
    bench.jobs.cancel("acme", first);
    assertThat(retraining.order(BIRDS)).isNotEqualTo(first);
  }

  /** What a job has seen already is learned again: it was taken away with the revision. */
  @Test
  void examplesOfAnEndedJobCountAgain() {
    bench.correct(BIRDS, "first", EXAMPLES_MIN);
    TuningJob job = bench.start(BIRDS);
    bench.jobs.change(job.id(), draft -> draft.seen(clock.instant()).state(JobState.PUBLISHED));
    assertThat(bench.triggers.tuned(BIRDS)).hasSize(EXAMPLES_MIN);

    assertThat(retraining.order(BIRDS)).isNotEmpty();
  }

  @Test
  void examplesThatAnotherServerKeptCount() {
    new JobBench(store, clock, folder, "there").correct(BIRDS, "first", EXAMPLES_MIN);

    assertThat(retraining.order(BIRDS)).isNotEmpty();
  }

  private void refused(String message) {
    assertThatThrownBy(() -> retraining.order(BIRDS))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageStartingWith(message);
  }
}
