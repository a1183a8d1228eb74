package io.trimtab.adaptation.job;

import static io.trimtab.adaptation.job.JobBench.BIRDS;
import static io.trimtab.adaptation.job.JobBench.EXAMPLES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.job.TuningJob.Progress;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.JobFolder;
import io.trimtab.tuning.job.TrainingSettings;
import io.trimtab.tuning.job.TuningListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person orders is what a job is trained with, whoever runs it. */
class JobOrderTest {
  private static final TrainingSettings USUAL = TrainingSettings.defaults();

  @TempDir Path root;

  @Test
  void aJobIsTrainedAsItWasOrderedByWhoeverTakesIt() {
    try (JobRig rig = JobRig.open(root)) {
      rig.here().correct(BIRDS, "first", EXAMPLES);
      JobOrder order =
          new JobOrder("file-1", "birds", Map.of("who", "me"), new OrderedTraining(2, 0.5, 4, 7L));
      TuningJob job = rig.here().jobs.start(BIRDS, "sa-proj", order);
      JobBench there = rig.another();
      List<TrainingSettings> trained = new ArrayList<>();
      there.trainer.script(
          run -> {
            trained.add(JobFolder.open(run.folder()).plan().training());
            run.finish();
          });
      JobRig.run(there, job);
      rig.requirePublished(job);
      int examples = rig.here().now(job).counts().training();
      assertThat(trained)
          .singleElement()
          .satisfies(
              settings -> {
                assertThat(settings.seed()).isEqualTo(7);
                assertThat(settings.batchSize()).isEqualTo(4);
                assertThat(settings.maxSteps()).isEqualTo((2 * examples + 3) / 4);
                assertThat(settings.learningRate()).isEqualTo(1.5e-3);
              });
      assertThat(there.jobs.order(job.id())).contains(order);
    }
  }

  @Test
  void aJobThatNobodyOrderedHasNoOrder() {
    try (JobRig rig = JobRig.open(root)) {
      TuningJob job = rig.here().queued(BIRDS);
      assertThat(rig.here().jobs.order(job.id())).isEmpty();
    }
  }

  @Test
  void whatWasHeardOfTrainingLastIsKeptWithTheJobsHistory() {
    try (JobRig rig = JobRig.open(root)) {
      TuningJob job = rig.here().queued(BIRDS);
      rig.here()
          .trainer
          .script(
              run -> {
                run.step(new TuningListener.Step(17, 20, 0.5, 100));
                run.finish();
              });
      JobRig.run(rig.here(), job);
      rig.requirePublished(job);
      assertThat(rig.another().jobs.history("acme", job.id()))
          .extracting(TuningJob::state)
          .startsWith(JobState.QUEUED, JobState.TRAINING)
          .endsWith(JobState.PUBLISHED);
      assertThat(rig.here().now(job).progress()).isEqualTo(new Progress(17, 20, 0.5, 0, 0, 100));
      assertThatThrownBy(() -> rig.here().jobs.history("other", job.id()))
          .hasMessageContaining("There is no job");
    }
  }

  @ParameterizedTest
  @CsvSource({
    // epochs, batch, rehearsal's share, examples; then the update's sequences and the updates
    ", , 0.5, 100, 16, 450",
    "3, , 0.5, 100, 16, 38",
    "3, , 0, 100, 16, 19",
    "1, 8, 0.5, 100, 16, 13",
    "1, 8, 0, 100, 8, 13",
    "1, 1, 0.5, 1, 2, 1",
    "2, 8, 0.5, 0, 16, 1",
  })
  void epochsAndBatchesCountExamplesAlone(
      @Nullable Integer epochs,
      @Nullable Integer batch,
      double rehearsed,
      int examples,
      int sequences,
      int updates) {
    TrainingSettings settings =
        new OrderedTraining(epochs, null, batch, null).over(USUAL, rehearsed, examples);
    assertThat(settings.batchSize()).isEqualTo(sequences);
    assertThat(settings.maxSteps()).isEqualTo(updates);
    assertThat(settings.microBatchSize()).isEqualTo(Math.min(16, sequences));
    assertThat(settings.seed()).isEqualTo(USUAL.seed());
  }

  @ParameterizedTest
  @CsvSource({"0, 1, 1", "51, 1, 1", "1, 0, 1", "1, 101, 1", "1, NaN, 1", "1, 1, 0", "1, 1, 257"})
  void anOrderOutOfBoundsIsRefused(int epochs, double multiplier, int batch) {
    assertThatThrownBy(() -> new OrderedTraining(epochs, multiplier, batch, null))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining("out of range");
  }
}
