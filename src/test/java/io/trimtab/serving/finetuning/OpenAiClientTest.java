package io.trimtab.serving.finetuning;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.HttpResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.UnexpectedStatusCodeException;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileListParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJob.Status;
import com.openai.models.finetuning.jobs.FineTuningJobEvent;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.finetuning.jobs.JobListEventsParams;
import com.openai.models.finetuning.jobs.JobListParams;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.serving.finetuning.FakeTuning.Ending;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files and jobs as OpenAI's own client sees them, unmodified. */
@QuarkusTest
@TestProfile(FakeTuningProfile.class)
final class OpenAiClientTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** So many that some are for each of training, validation and gate. */
  private static final int LINES = 20;

  @TestHTTPResource("/v1")
  URI server;

  @Inject FakeTuning tuning;
  @Inject AdapterRegistry registry;

  @TempDir Path folder;

  /** The folder of data outlives a run of the tests. */
  private final String tenant = "t" + UUID.randomUUID().toString().replace("-", "");

  private OpenAIClient client;

  @BeforeEach
  void connect() {
    tuning.ending(Ending.PASSED);
    client = client(tenant);
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  private OpenAIClient client(String as) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(server.toString())
        .apiKey("any")
        .putHeader("x-tenant", as)
        .maxRetries(0)
        .build();
  }

  @Test
  void anUploadedFileIsListedReadAndDeleted() throws IOException {
    String lines = TrainingLines.of(2);
    FileObject first = upload("a \u202e.jsonl", lines);
    FileObject second = upload("b.jsonl", lines);
    assertThat(first.validate().isValid()).isTrue();
    assertThat(first.bytes()).isEqualTo(lines.length());
    assertThat(first.filename()).isEqualTo("a ?.jsonl");
    assertThat(first.status()).isEqualTo(FileObject.Status.PROCESSED);
    assertThat(client.files().retrieve(first.id())).isEqualTo(first);
    assertThat(client.files().list().items()).containsExactly(second, first);
    assertThat(client.files().list(FileListParams.builder().limit(1).build()).autoPager())
        .containsExactly(second, first);
    assertThat(client.files().list(FileListParams.builder().purpose("assistants").build()).items())
        .isEmpty();
    assertThat(content(first.id())).isEqualTo(lines);

    assertThat(client.files().delete(first.id()).deleted()).isTrue();
    assertThatThrownBy(() -> client.files().retrieve(first.id()))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> client.files().content(first.id()))
        .isInstanceOf(NotFoundException.class);
    assertThat(content(second.id())).isEqualTo(lines);
  }

  @Test
  void bytesWithoutAFileNameAreAFile() {
    FileObject file =
        client
            .files()
            .create(
                FileCreateParams.builder()
                    .file(TrainingLines.of(1).getBytes(UTF_8))
                    .purpose(FilePurpose.FINE_TUNE)
                    .build());
    assertThat(file.bytes()).isPositive();
  }

  @Test
  void aBadFileIsRefusedWithItsLine() {
    refused("file", "line 3: not JSON", () -> upload("x", TrainingLines.of(2) + "{\"messages\":"));
    refused("file", "The file is empty", () -> upload("x", "\n\n"));
    refused(
        "purpose",
        "expected fine-tune",
        () ->
            client
                .files()
                .create(
                    FileCreateParams.builder()
                        .file(file("x", TrainingLines.of(1)))
                        .purpose(FilePurpose.BATCH)
                        .build()));
    assertThat(client.files().list().items()).isEmpty();
  }

  @Test
  void aJobOfAFileEndsWithAModelAndTellsOfIt() throws IOException {
    String file = upload("birds.jsonl", TrainingLines.of(LINES)).id();
    FineTuningJob job =
        client
            .fineTuning()
            .jobs()
            .create(
                params(file)
                    .suffix("birds")
                    .seed(7)
                    .hyperparameters(JobCreateParams.Hyperparameters.builder().nEpochs(2).build())
                    .metadata(
                        JobCreateParams.Metadata.builder()
                            .putAdditionalProperty("who", JsonValue.from("me"))
                            .build())
                    .build());
    assertThat(job.validate().isValid()).isTrue();
    assertThat(job.trainingFile()).isEqualTo(file);
    assertThat(job.seed()).isEqualTo(7);
    assertThat(job.organizationId()).isEqualTo(tenant);

    FineTuningJob ended = awaited(job.id(), each -> each.finishedAt().isPresent());
    assertThat(ended.status()).as("%s", ended.error()).isEqualTo(Status.SUCCEEDED);
    assertThat(ended.fineTunedModel()).contains("birds@1");
    assertThat(ended.error()).isEmpty();
    assertThat(ended.trainedTokens()).isEmpty();
    assertThat(ended.resultFiles()).isEmpty();
    assertThat(ended.hyperparameters().nEpochs().orElseThrow().asInteger()).isEqualTo(2);
    assertThat(ended.metadata().orElseThrow()._additionalProperties())
        .containsEntry("who", JsonValue.from("me"));
    assertThat(registry.get(new AdapterId(tenant, "birds")).lastRevision()).isEqualTo(1);

    List<FineTuningJobEvent> events = events(job.id(), 100);
    assertThat(events.getLast().message()).contains("created");
    assertThat(events.getFirst().message()).isEqualTo("New fine-tuned model: birds@1");
    assertThat(events)
        .anySatisfy(
            event -> {
              assertThat(event.message()).isEqualTo("Step 10/20: training loss=0.2500");
              assertThat(event.type()).contains(FineTuningJobEvent.Type.METRICS);
              assertThat(event._data().toString()).contains("train_loss=0.25");
            })
        .anySatisfy(
            event -> assertThat(event.message()).isEqualTo("The gate passed the candidate"));
    assertThat(events(job.id(), 1)).isEqualTo(events);

    // The same again: the corrections are known, and it is the adapter's next revision.
    FineTuningJob again = client.fineTuning().jobs().create(params(file).model("birds").build());
    assertThat(awaited(again.id(), each -> each.finishedAt().isPresent()).fineTunedModel())
        .contains("birds@2");
    assertThat(events(again.id(), 100))
        .anySatisfy(event -> assertThat(event.message()).startsWith(LINES + " corrections"));
    assertThat(
            client
                .fineTuning()
                .jobs()
                .list(JobListParams.builder().limit(1).build())
                .autoPager()
                .stream()
                .map(FineTuningJob::id))
        .containsExactly(again.id(), job.id());
  }

  @Test
  void aCandidateThatTheGateRefusedIsAFailedJobWithTheReason() throws IOException {
    tuning.ending(Ending.REFUSED);
    FineTuningJob job = created("birds");
    FineTuningJob ended = awaited(job.id(), each -> each.finishedAt().isPresent());
    assertThat(ended.status()).isEqualTo(Status.FAILED);
    assertThat(ended.fineTunedModel()).isEmpty();
    assertThat(ended.error().orElseThrow().code()).isEqualTo("gate_refused");
    assertThat(ended.error().orElseThrow().message())
        .isEqualTo("The gate refused the candidate: forgetting: 0.2 of the probes lost");
    assertThat(events(job.id(), 100).getFirst().level()).isEqualTo(FineTuningJobEvent.Level.ERROR);
  }

  @Test
  void aRunningJobTellsItsProgressAndIsCancelledOnce() throws IOException {
    tuning.ending(Ending.NONE);
    FineTuningJob job = created("birds");
    var _ = awaited(job.id(), each -> each.status().equals(Status.RUNNING));
    while (events(job.id(), 100).stream().noneMatch(e -> e.message().startsWith("Step 10/20"))) {
      Thread.onSpinWait();
    }
    assertThatThrownBy(
            () ->
                client
                    .fineTuning()
                    .jobs()
                    .create(params(job.trainingFile()).suffix("birds").build()))
        .isInstanceOf(UnexpectedStatusCodeException.class)
        .hasMessageContaining("under way");
    assertThat(client.fineTuning().jobs().cancel(job.id()).status()).isEqualTo(Status.CANCELLED);
    assertThatThrownBy(() -> client.fineTuning().jobs().cancel(job.id()))
        .isInstanceOfSatisfying(
            OpenAIServiceException.class, e -> assertThat(e.statusCode()).isEqualTo(409))
        .hasMessageContaining("has ended as CANCELLED");
    assertThat(events(job.id(), 100).getFirst().message()).isEqualTo("The job was cancelled");
  }

  @Test
  void anotherTenantsFilesAndJobsAreNotThere() throws IOException {
    tuning.ending(Ending.NONE);
    FineTuningJob job = created("birds");
    try (OpenAIClientAs other = new OpenAIClientAs(client(tenant + "x"))) {
      assertThat(other.client.files().list().items()).isEmpty();
      assertThat(other.client.fineTuning().jobs().list().items()).isEmpty();
      List<Runnable> calls =
          List.of(
              () -> other.client.files().retrieve(job.trainingFile()),
              () -> {
                try (HttpResponse _ = other.client.files().content(job.trainingFile())) {
                  throw new AssertionError("Another tenant's file was sent");
                }
              },
              () -> other.client.files().delete(job.trainingFile()),
              () -> other.client.fineTuning().jobs().retrieve(job.id()),
              () -> other.client.fineTuning().jobs().cancel(job.id()),
              () -> other.client.fineTuning().jobs().listEvents(job.id()),
              () -> other.client.fineTuning().jobs().create(params(job.trainingFile()).build()));
      calls.forEach(call -> assertThatThrownBy(call::run).isInstanceOf(NotFoundException.class));
    }
    var _ = client.fineTuning().jobs().cancel(job.id());
  }

  @Test
  void anUnknownModelIsNotFound() throws IOException {
    String file = upload("a.jsonl", TrainingLines.of(1)).id();
    assertThatThrownBy(
            () -> client.fineTuning().jobs().create(params(file).model("gpt-4o").build()))
        .isInstanceOfSatisfying(
            NotFoundException.class,
            e -> {
              assertThat(e.param()).contains("model");
              assertThat(e.code()).contains("model_not_found");
            });
    refused(
        "validation_file",
        "sets some of the examples aside",
        () -> client.fineTuning().jobs().create(params(file).validationFile(file).build()));
  }

  private record OpenAIClientAs(OpenAIClient client) implements AutoCloseable {
    @Override
    public void close() {
      client.close();
    }
  }

  private FineTuningJob created(String suffix) throws IOException {
    String file = upload("a.jsonl", TrainingLines.of(LINES)).id();
    return client.fineTuning().jobs().create(params(file).suffix(suffix).build());
  }

  private static JobCreateParams.Builder params(String file) {
    return JobCreateParams.builder().trainingFile(file).model("fake");
  }

  private FineTuningJob awaited(String id, Predicate<FineTuningJob> until) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      FineTuningJob job = client.fineTuning().jobs().retrieve(id);
      if (until.test(job)) {
        return job;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("Not so within %s: %s".formatted(PATIENCE, job));
      }
    }
  }

  private List<FineTuningJobEvent> events(String id, int limit) {
    return client
        .fineTuning()
        .jobs()
        .listEvents(id, JobListEventsParams.builder().limit(limit).build())
        .autoPager()
        .stream()
        .toList();
  }

  private interface Call {
    void make() throws IOException;
  }

  private static void refused(String param, String expected, Call call) {
    assertThatThrownBy(call::make)
        .isInstanceOfSatisfying(
            BadRequestException.class, e -> assertThat(e.param()).contains(param))
        .hasMessageContaining(expected);
  }

  private FileObject upload(String name, String contents) throws IOException {
    return client
        .files()
        .create(
            FileCreateParams.builder()
                .file(file(name, contents))
                .purpose(FilePurpose.FINE_TUNE)
                .build());
  }

  private Path file(String name, String contents) throws IOException {
    return Files.writeString(folder.resolve(name), contents);
  }

  private String content(String id) throws IOException {
    try (HttpResponse response = client.files().content(id)) {
      return new String(response.body().readAllBytes(), UTF_8);
    }
  }
}
