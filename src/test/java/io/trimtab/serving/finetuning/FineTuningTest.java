package io.trimtab.serving.finetuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.FaultyStore;
import io.trimtab.adaptation.FaultyStore.Step;
import io.trimtab.adaptation.feedback.Example;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.feedback.PredictionLimits;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adaptation.files.FileLimits;
import io.trimtab.adaptation.files.TrainingFile;
import io.trimtab.adaptation.files.TrainingFiles;
import io.trimtab.adaptation.job.JobOrder;
import io.trimtab.adaptation.job.JobState;
import io.trimtab.adaptation.job.OrderedTraining;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.http.FieldException;
import io.trimtab.serving.http.HttpFailure;
import io.trimtab.store.FileObjectStore;
import io.trimtab.store.ObjectStore;
import io.trimtab.store.UnsyncedStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FineTuningTest {
  private static final AdapterId BIRDS = new AdapterId("t", "birds");
  private static final int LINES = 5;

  @TempDir Path folder;
  private FileObjectStore disk;
  private FaultyStore store;
  private Process here;
  private final AtomicInteger wakes = new AtomicInteger();

  /** All that a process has over the store. */
  private record Process(
      TrainingFiles files,
      ExampleStore examples,
      AdapterRegistry registry,
      TuningJobs jobs,
      FineTuning fineTuning) {}

  @BeforeEach
  void open() {
    disk = UnsyncedStore.open(folder.resolve("store"));
    store = new FaultyStore(disk);
    here = process(store);
  }

  @AfterEach
  void close() {
    disk.close();
  }

  private Process process(ObjectStore over) {
    Clock clock = Clock.systemUTC();
    AdapterRegistry registry =
        AdapterRegistry.open(over, new AdapterLimits(16, 8 << 10, 256 << 10, 99, 9), clock);
    TenantPictures pictures = new TenantPictures(over, 1 << 20);
    ExampleStore examples =
        ExampleStore.open(
            over,
            registry,
            pictures,
            Predictions.open(over, pictures, PredictionLimits.defaults(), clock),
            FeedbackLimits.defaults(),
            clock);
    TrainingFiles files = new TrainingFiles(over, FileLimits.defaults(), clock);
    TuningJobs jobs = TuningJobs.open(over, clock, _ -> {});
    return new Process(
        files,
        examples,
        registry,
        jobs,
        new FineTuning(
            files,
            new ChatFile(files.limits(), FeedbackLimits.defaults()),
            examples,
            registry,
            jobs,
            () -> "dinghy-llava",
            "sa-proj",
            wakes::incrementAndGet));
  }

  @Test
  void theLinesAreCorrectionsAndTheJobIsQueuedAsOrdered() throws IOException {
    TrainingFile file = file("t", TrainingLines.of(LINES));
    OrderedTraining training = new OrderedTraining(3, null, null, 7L);
    TuningJob job =
        here.fineTuning()
            .create(
                "t",
                new JobRequest(file.id(), "dinghy-llava", "birds", training, Map.of("who", "me")));
    assertThat(job.adapter()).isEqualTo(BIRDS);
    assertThat(job.state()).isEqualTo(JobState.QUEUED);
    assertThat(wakes).hasValue(1);
    // Another process has all of it.
    Process there = process(disk);
    assertThat(there.jobs().order(job.id()))
        .contains(new JobOrder(file.id(), "birds", Map.of("who", "me"), training));
    assertThat(there.examples().usable(BIRDS))
        .extracting(Example::correction)
        .containsExactlyInAnyOrder("wren 0", "wren 1", "wren 2", "wren 3", "wren 4");
    assertThat(there.registry().get(BIRDS).lastRevision()).isZero();
  }

  @Test
  void createdAgainNothingIsCountedTwice() throws IOException {
    TrainingFile file = file("t", TrainingLines.of(LINES));
    end(create(file, "base", "birds"));
    end(create(file, "birds", ""));
    assertThat(here.examples().usable(BIRDS)).hasSize(LINES);
    // Another adapter may learn the same.
    end(create(file, "base", "finches"));
    assertThat(here.examples().usable(new AdapterId("t", "finches"))).hasSize(LINES);
  }

  @Test
  void withoutASuffixTheAdapterHasTheFilesName() throws IOException {
    TrainingFile file = file("t", TrainingLines.of(1));
    assertThat(create(file, "base", "").adapter().name()).isEqualTo(file.id());
  }

  @Test
  void whatCannotBeginIsRefusedAndKeepsNothing() throws IOException {
    TrainingFile file = file("t", TrainingLines.of(LINES));
    refused(ErrorCode.NOT_FOUND, "model", () -> create(file, "nobody", ""));
    refused(ErrorCode.INVALID_ARGUMENT, "model", () -> create(file, "birds@3", ""));
    refused(ErrorCode.INVALID_ARGUMENT, "model", () -> create(file, "../x", ""));
    refused(ErrorCode.INVALID_ARGUMENT, "suffix", () -> create(file, "base", "My Birds"));
    refused(ErrorCode.INVALID_ARGUMENT, "suffix", () -> create(file, "base", "base"));
    refused(
        ErrorCode.NOT_FOUND, "training_file", () -> create(file("other", "x"), "base", "birds"));
    var _ = here.registry().create(BIRDS);
    refused(ErrorCode.INVALID_ARGUMENT, "suffix", () -> create(file, "birds", "finches"));
    TuningJob job = create(file, "birds", "birds");
    TrainingFile more = file("t", TrainingLines.line(9, "finch"));
    assertThatThrownBy(() -> create(more, "birds", ""))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContaining(JobId.wire(job.id()));
    assertThat(here.examples().usable(BIRDS)).hasSize(LINES);
    assertThat(here.jobs().list("t")).hasSize(1);
  }

  @Test
  void correctionsThatWereTakenBackAreNotTrainedOn() throws IOException {
    TrainingFile file = file("t", TrainingLines.of(1));
    end(create(file, "base", "birds"));
    String id = here.examples().usable(BIRDS).getFirst().feedbackId();
    here.examples().retract("t", id, "wrong");
    assertThatThrownBy(() -> create(file, "birds", "")).hasMessageContaining("no correction");
  }

  /** Killed at any write, the same call in another process has all of it, once. */
  @Test
  void aKillLosesNothingThatWasAnsweredAndTheSameCallGoesOn() throws IOException {
    TrainingFile file = file("t", TrainingLines.of(LINES));
    int writes = 0;
    boolean answered = false;
    while (!answered) {
      writes++;
      store.failAt(Step.AFTER_PUT, writes);
      String name = "birds" + writes;
      try {
        end(create(file, "base", name));
        answered = true;
      } catch (TrimtabException | FieldException e) {
        assertThat(e).hasMessageContaining("The disk is away");
        Process there = process(disk);
        there.jobs().open().forEach(job -> there.jobs().cancel("t", job.id()));
        TuningJob job = there.fineTuning().create("t", request(file, "base", name));
        assertThat(there.examples().usable(new AdapterId("t", name))).hasSize(LINES);
        assertThat(there.jobs().order(job.id())).isPresent();
        end(job);
      }
    }
    // Each line is one at least, then the order, the job and its turn.
    assertThat(writes).isGreaterThan(LINES + 3);
  }

  private static JobRequest request(TrainingFile file, String model, String suffix) {
    return new JobRequest(file.id(), model, suffix, OrderedTraining.USUAL, Map.of());
  }

  private TuningJob create(TrainingFile file, String model, String suffix) {
    return here.fineTuning().create("t", request(file, model, suffix));
  }

  private void end(TuningJob job) {
    var _ = here.jobs().change(job.id(), draft -> draft.state(JobState.PUBLISHED).revision(1));
  }

  private interface Call {
    void make() throws IOException;
  }

  private void refused(ErrorCode code, String param, Call call) {
    int status = code == ErrorCode.NOT_FOUND ? 404 : 400;
    assertThatThrownBy(call::make)
        .isInstanceOfSatisfying(
            FieldException.class,
            e -> {
              assertThat(e.param()).isEqualTo(param);
              assertThat(HttpFailure.of(e).status()).isEqualTo(status);
            });
    assertThat(List.copyOf(here.examples().adapters())).isEmpty();
  }

  private TrainingFile file(String tenant, String lines) throws IOException {
    return here.files()
        .add(tenant, "a.jsonl", Files.writeString(folder.resolve("upload"), lines), 1);
  }
}
