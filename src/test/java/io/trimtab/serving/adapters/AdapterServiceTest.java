package io.trimtab.serving.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.trimtab.adaptation.feedback.FeedbackOutcome;
import io.trimtab.adaptation.feedback.TriggerReason;
import io.trimtab.adaptation.job.JobState;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adapter.AdapterId;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.RunningAdapters;
import io.trimtab.testing.AdapterBench;
import io.trimtab.testing.PeftFolder;
import io.trimtab.v1.ActivateRequest;
import io.trimtab.v1.Adapter;
import io.trimtab.v1.AdapterEvent;
import io.trimtab.v1.AdapterRef;
import io.trimtab.v1.FileChunk;
import io.trimtab.v1.ListAdaptersRequest;
import io.trimtab.v1.Revision;
import io.trimtab.v1.RevisionRef;
import io.trimtab.v1.RevisionState;
import io.trimtab.v1.SetScaleRequest;
import io.trimtab.v1.UploadHeader;
import io.trimtab.v1.ValidationReport;
import io.trimtab.v1.WatchAdaptersRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All methods of trimtab.v1.Adapters over a socket; bad uploads are in AdapterBadInputTest. */
final class AdapterServiceTest {
  private static final PeftFolder FOLDER = PeftFolder.reference("llava-onevision", "sa-proj");
  private static final PeftFolder OTHER = PeftFolder.reference("llava-onevision", "projector");

  @TempDir private Path folder;

  private RunningAdapters server;

  @BeforeEach
  void start() throws IOException {
    server = RunningAdapters.start(AdapterBench.open(folder));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aFolderComesBackByteForByte() throws Exception {
    Revision revision =
        RawUpload.to(server.streamsAs("acme")::upload)
            .header(UploadHeader.newBuilder().setAdapter("birds").setNote("wings"))
            .config(FOLDER)
            .weights(FOLDER)
            .end();

    assertThat(revision.getAdapter()).isEqualTo("birds");
    assertThat(revision.getRevision()).isEqualTo(1);
    assertThat(revision.getState()).isEqualTo(RevisionState.REVISION_STATE_STAGED);
    assertThat(revision.getDigest()).matches("[0-9a-f]{64}");
    assertThat(revision.getOrigin()).isEqualTo("upload");
    assertThat(revision.getTargetsList()).containsExactly("q_proj", "k_proj", "v_proj", "o_proj");
    assertThat(revision.getParameters()).isPositive();
    assertThat(revision.getCreated().getSeconds()).isPositive();
    assertThat(revision.getNote()).isEqualTo("wings");
    assertThat(revision.getScale()).isEqualTo(1);
    assertThat(revision.getBaseDigest()).isEqualTo(server.bench().engine().model().digest());
    assertThat(revision.hasGate()).isFalse();
    Map<String, byte[]> files = download("acme", "birds", 1);
    assertThat(files).containsOnlyKeys("adapter_config.json", "adapter_model.safetensors");
    assertThat(files.get("adapter_config.json")).isEqualTo(Files.readAllBytes(FOLDER.config()));
    assertThat(files.get("adapter_model.safetensors"))
        .isEqualTo(Files.readAllBytes(FOLDER.weights()));
  }

  @Test
  void aValidationSaysWhatAnUploadWouldAndKeepsNothing() throws Exception {
    ValidationReport report =
        RawUpload.to(server.streamsAs("acme")::validate)
            .header("")
            .config(FOLDER)
            .weights(FOLDER)
            .end();
    assertThat(report.getAccepted()).isTrue();
    assertThat(report.getErrorsList()).isEmpty();
    assertThat(report.getTensorsMatched()).isEqualTo(report.getTensorsTotal()).isPositive();
    assertThat(report.getLargestOutputChange()).isEqualTo(1);

    server.bench().engine().outputChange(0);
    ValidationReport noop =
        RawUpload.to(server.streamsAs("acme")::validate)
            .header("")
            .config(FOLDER)
            .weights(FOLDER)
            .end();
    assertThat(noop.getAccepted()).isFalse();
    assertThat(noop.getErrorsList()).singleElement().asString().contains("changes nothing");

    // The server answers before the client ends: nothing after this file could help.
    ValidationReport pickle =
        RawUpload.to(server.streamsAs("acme")::validate)
            .header("")
            .chunk("adapter_model.bin", new byte[1])
            .answer();
    assertThat(pickle.getErrorsList()).singleElement().asString().contains("pickle");
    assertThat(server.bench().kept()).isEmpty();
    assertThat(server.as("acme").list(ListAdaptersRequest.getDefaultInstance()).getAdaptersList())
        .isEmpty();
  }

  @Test
  void anUploadMayActivateAtOnceAndTheEmptyNameIsTheDefault() throws Exception {
    Revision revision =
        RawUpload.to(server.streamsAs("acme")::upload)
            .header(UploadHeader.newBuilder().setActivate(true))
            .config(FOLDER)
            .weights(FOLDER)
            .end();
    assertThat(revision.getState()).isEqualTo(RevisionState.REVISION_STATE_ACTIVE);

    Adapter adapter = server.as("acme").get(AdapterRef.getDefaultInstance());
    assertThat(adapter.getTenant()).isEqualTo("acme");
    assertThat(adapter.getAdapter()).isEqualTo("default");
    assertThat(adapter.getActiveRevision()).isEqualTo(1);
    assertThat(download("acme", "", 0)).hasSize(2);
  }

  @Test
  void aRevisionGoesThroughItsLife() throws Exception {
    upload("acme", "birds", FOLDER);
    upload("acme", "birds", OTHER);
    Adapter first = server.as("acme").activate(activation(1).build());
    assertThat(first.getActiveRevision()).isEqualTo(1);
    Adapter canary = server.as("acme").activate(activation(2).setCanaryPercent(10).build());
    assertThat(canary.getCanaryRevision()).isEqualTo(2);
    assertThat(canary.getCanaryPercent()).isEqualTo(10);
    assertThat(canary.getVersion()).isEqualTo(first.getVersion() + 1);
    assertThat(canary.getRevisions(1).getState()).isEqualTo(RevisionState.REVISION_STATE_CANARY);
    refused(
        Status.Code.FAILED_PRECONDITION,
        () -> server.as("acme").activate(activation(2).setIfVersion(first.getVersion()).build()),
        "version");
    Adapter second =
        server.as("acme").activate(activation(2).setIfVersion(canary.getVersion()).build());
    assertThat(second.getActiveRevision()).isEqualTo(2);
    assertThat(second.getRevisions(0).getState()).isEqualTo(RevisionState.REVISION_STATE_RETIRED);

    Adapter damped =
        server
            .as("acme")
            .setScale(
                SetScaleRequest.newBuilder()
                    .setAdapter("birds")
                    .setScale(0.25f)
                    .setReason("drift")
                    .build());
    assertThat(damped.getScale()).isEqualTo(0.25f);
    assertThat(damped.getRevisions(1).getScale()).isEqualTo(0.25f);
    Adapter other =
        server
            .as("acme")
            .setScale(
                SetScaleRequest.newBuilder()
                    .setAdapter("birds")
                    .setScale(0.5f)
                    .setRevision(1)
                    .build());
    assertThat(other.getScale()).isEqualTo(0.25f);
    assertThat(other.getRevisions(0).getScale()).isEqualTo(0.5f);

    refused(
        Status.Code.FAILED_PRECONDITION, () -> server.as("acme").delete(ref("birds", 2)), "ACTIVE");
    assertThat(server.as("acme").rollback(name("birds")).getActiveRevision()).isEqualTo(1);
    var _ = server.as("acme").delete(ref("birds", 2));
    assertThat(server.as("acme").get(name("birds")).getRevisionsList()).hasSize(1);
    assertThat(server.as("acme").activate(activation(0).build()).getActiveRevision()).isZero();
    refused(Status.Code.FAILED_PRECONDITION, () -> download("acme", "birds", 0), "served by base");
    var _ = server.as("acme").delete(ref("birds", 0));
    refused(Status.Code.NOT_FOUND, () -> server.as("acme").get(name("birds")), "birds");
    assertThat(server.bench().kept()).isEmpty();
  }

  @Test
  void whatHangsOnAnAdapterGoesWithItAndNotWithOneOfItsRevisions() throws Exception {
    upload("acme", "birds", FOLDER);
    AdapterId birds = new AdapterId("acme", "birds");
    assertThat(server.examples().accept(RunningAdapters.correction(birds)))
        .isInstanceOf(FeedbackOutcome.Kept.class);
    TuningJob job = server.jobs().start(birds, "sa-proj", TriggerReason.MANUAL);
    var _ = server.as("acme").delete(ref("birds", 1));
    assertThat(server.examples().list(birds)).hasSize(1);
    assertThat(server.jobs().get("acme", job.id()).state()).isEqualTo(JobState.QUEUED);
    var _ = server.as("acme").delete(ref("birds", 0));
    assertThat(server.examples().list(birds)).isEmpty();
    assertThat(server.jobs().get("acme", job.id()).state()).isEqualTo(JobState.CANCELLED);
  }

  @Test
  void aQuarantinedRevisionIsActivatedByForceAndAReasonAlone() throws Exception {
    upload("acme", "birds", FOLDER);
    server
        .bench()
        .registry()
        .quarantine(AdapterReader.id("acme", "birds"), 1, "It says two to everything");
    refused(
        Status.Code.FAILED_PRECONDITION,
        () -> server.as("acme").activate(activation(1).build()),
        "QUARANTINED");
    refused(
        Status.Code.INVALID_ARGUMENT,
        () -> server.as("acme").activate(activation(1).setForce(true).build()),
        "reason");
    Adapter forced =
        server
            .as("acme")
            .activate(activation(1).setForce(true).setReason("It is right to").build());
    assertThat(forced.getActiveRevision()).isEqualTo(1);
  }

  /** A change would count as the governor's own, and be undone by it. */
  @Test
  void aPersonDoesNotSignAsTheGovernor() throws Exception {
    upload("acme", "birds", FOLDER);
    String signed = "governor: it has drifted";
    refused(
        Status.Code.INVALID_ARGUMENT,
        () -> server.as("acme").activate(activation(1).setReason(signed).build()),
        "reason begins with 'governor:'");
    refused(
        Status.Code.INVALID_ARGUMENT,
        () ->
            server
                .as("acme")
                .setScale(
                    SetScaleRequest.newBuilder()
                        .setAdapter("birds")
                        .setRevision(1)
                        .setScale(0.5f)
                        .setReason(signed)
                        .build()),
        "reason begins with 'governor:'");
    assertThat(server.as("acme").get(name("birds")).getVersion()).isEqualTo(1);
  }

  @Test
  void aFailedLoadIsTheActivationsError() throws Exception {
    upload("acme", "birds", FOLDER);
    server
        .bench()
        .engine()
        .preloadFailure(new TrimtabException(ErrorCode.UNAVAILABLE, "No memory for it now"));
    refused(
        Status.Code.UNAVAILABLE,
        () -> server.as("acme").activate(activation(1).build()),
        "No memory for it now");
    assertThat(server.as("acme").get(name("birds")).getActiveRevision()).isZero();
  }

  /**
   * Whatever a stranger asks about it, an adapter of another tenant is as one that is not there.
   */
  @Test
  void aStrangersAdapterIsNotFoundInTheWordsOfOneThatIsNotThere() throws Exception {
    upload("acme", "birds", FOLDER);
    for (Consumer<String> call : callsOnOneAdapter("stranger")) {
      StatusRuntimeException other =
          catchThrowableOfType(StatusRuntimeException.class, () -> call.accept("birds"));
      StatusRuntimeException none =
          catchThrowableOfType(StatusRuntimeException.class, () -> call.accept("plane"));
      assertThat(other.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
      assertThat(none.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
      assertThat(other.getStatus().getDescription())
          .isEqualTo(none.getStatus().getDescription().replace("plane", "birds"));
    }
    assertThat(
            server.as("stranger").list(ListAdaptersRequest.getDefaultInstance()).getAdaptersList())
        .isEmpty();
    assertThat(server.as("acme").list(ListAdaptersRequest.getDefaultInstance()).getAdaptersList())
        .hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x",
        "a/b",
        "..",
        ".hidden",
        "Birds",
        "птицы",
        "bird\u0000s",
        "bird\ns",
        "bird\u202es",
        "birds@1",
        "base",
        " ",
        "%2e%2e",
        "0123456789012345678901234567890123456789012345678901234567890123",
      })
  void aNameThatIsNotOneIsRefusedByEveryMethod(String bad) {
    for (Consumer<String> call : callsOnOneAdapter("acme")) {
      refused(Status.Code.INVALID_ARGUMENT, () -> call.accept(bad), "expected");
    }
    var upload = RawUpload.to(server.streamsAs("acme")::upload).header(bad);
    assertThat(catchThrowableOfType(ExecutionException.class, upload::answer).getCause())
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
  }

  @Test
  void numbersAndWordsOutOfRangeAreRefused() throws Exception {
    upload("acme", "birds", FOLDER);
    for (float scale : new float[] {-0.1f, 1.1f, Float.NaN, Float.POSITIVE_INFINITY}) {
      refused(
          Status.Code.INVALID_ARGUMENT,
          () ->
              server
                  .as("acme")
                  .setScale(
                      SetScaleRequest.newBuilder()
                          .setAdapter("birds")
                          .setRevision(1)
                          .setScale(scale)
                          .build()),
          "scale is " + scale);
    }
    refused(
        Status.Code.INVALID_ARGUMENT,
        () -> server.as("acme").activate(activation(1).setCanaryPercent(101).build()),
        "101");
    refused(
        Status.Code.INVALID_ARGUMENT,
        () -> server.as("acme").activate(activation(1).setCanaryPercent(-1).build()),
        "4294967295");
    refused(
        Status.Code.INVALID_ARGUMENT,
        () -> server.as("acme").activate(activation(-1).build()),
        "4294967295");
    refused(
        Status.Code.INVALID_ARGUMENT,
        () -> server.as("acme").activate(activation(1).setIfVersion(-1).build()),
        "18446744073709551615");
    refused(
        Status.Code.INVALID_ARGUMENT,
        () -> server.as("acme").activate(activation(1).setReason("a\u001b[2J").build()),
        "control");
    refused(
        Status.Code.INVALID_ARGUMENT,
        () -> server.as("acme").activate(activation(1).setReason("a".repeat(1001)).build()),
        "1001 characters");
    refused(Status.Code.NOT_FOUND, () -> server.as("acme").activate(activation(9).build()), "9");
    refused(Status.Code.NOT_FOUND, () -> download("acme", "birds", 9), "9");
  }

  @Test
  void aDownloadThatRunsIsNotHarmedByADeletion() throws Exception {
    upload("acme", "birds", FOLDER);
    Iterator<FileChunk> chunks = server.as("acme").download(ref("birds", 1));
    FileChunk config = chunks.next();
    var _ = server.as("acme").delete(ref("birds", 0));
    assertThat(server.bench().kept()).isEmpty();

    ByteArrayOutputStream weights = new ByteArrayOutputStream();
    chunks.forEachRemaining(chunk -> weights.writeBytes(chunk.getData().toByteArray()));
    assertThat(config.getPath()).isEqualTo("adapter_config.json");
    assertThat(weights.toByteArray()).isEqualTo(Files.readAllBytes(FOLDER.weights()));
  }

  @Test
  void aWatcherIsToldOfItsTenantsChanges() throws Exception {
    Iterator<AdapterEvent> events = watch("acme");
    upload("stranger", "birds", FOLDER);
    upload("acme", "birds", FOLDER);
    var _ = server.as("acme").activate(activation(1).setReason("Friday").build());
    var _ = server.as("acme").rollback(name("birds"));
    var _ = server.as("acme").delete(ref("birds", 1));
    var _ = server.as("acme").delete(ref("birds", 0));

    AdapterEvent uploaded = events.next();
    assertThat(uploaded.getKind()).isEqualTo("uploaded");
    assertThat(uploaded.getRevision().getRevision()).isEqualTo(1);
    assertThat(uploaded.getRevision().getDigest()).isNotEmpty();
    assertThat(uploaded.getTime().getSeconds()).isPositive();
    AdapterEvent activated = events.next();
    assertThat(activated.getKind()).isEqualTo("activated");
    assertThat(activated.getReason()).isEqualTo("Friday");
    assertThat(events.next().getKind()).isEqualTo("rolled_back");
    AdapterEvent deleted = events.next();
    assertThat(deleted.getKind()).isEqualTo("deleted");
    assertThat(deleted.getRevision().getAdapter()).isEqualTo("birds");
    assertThat(deleted.getRevision().getRevision()).isEqualTo(1);
    assertThat(events.next().getRevision().getRevision()).isZero();
  }

  @Test
  void aStoppingServerEndsItsWatchersAndWaitsForNone() throws Exception {
    Iterator<AdapterEvent> events = watch("acme");
    assertThat(server.stop(Duration.ofSeconds(60))).isZero();
    refused(Status.Code.UNAVAILABLE, events::hasNext, "stopping");
    refused(
        Status.Code.UNAVAILABLE,
        () -> server.as("acme").list(ListAdaptersRequest.getDefaultInstance()),
        "stopping");
    refused(
        Status.Code.UNAVAILABLE,
        () -> server.as("acme").watch(WatchAdaptersRequest.getDefaultInstance()).hasNext(),
        "stopping");
  }

  @Test
  void aWatcherThatGoesIsForgotten() throws Exception {
    try (Context.CancellableContext call = Context.current().withCancellation()) {
      var _ = call.call(() -> watch("acme"));
    }
    assertThat(server.stop(Duration.ofSeconds(60))).isZero();
  }

  /** A watch that is known to be on: it has told of a change made after it began. */
  private Iterator<AdapterEvent> watch(String tenant) throws Exception {
    Iterator<AdapterEvent> events =
        server.as(tenant).watch(WatchAdaptersRequest.getDefaultInstance());
    // Nothing tells when a watch is on but an event; a thread makes changes until one comes, with
    // pauses: where this one stands still for seconds, fewer wait than may.
    AtomicBoolean on = new AtomicBoolean();
    Thread changes =
        Thread.startVirtualThread(
            () -> {
              for (int i = 1; !on.get(); i++) {
                var id = AdapterReader.id(tenant, "noise");
                server.bench().registry().create(id);
                server.bench().registry().delete(id, 0, "noise " + i);
                LockSupport.parkNanos(20_000_000);
              }
            });
    events.next();
    on.set(true);
    changes.join();
    server.bench().registry().create(AdapterReader.id(tenant, "last"));
    // Passes over what the thread made before it saw that it was to stop.
    AdapterEvent event;
    do {
      event = events.next();
    } while (!event.getRevision().getAdapter().equals("last"));
    server.bench().registry().delete(AdapterReader.id(tenant, "last"), 0, "");
    assertThat(events.next().getKind()).isEqualTo("deleted");
    return events;
  }

  private Iterable<Consumer<String>> callsOnOneAdapter(String tenant) {
    return List.of(
        adapter -> server.as(tenant).get(name(adapter)),
        adapter -> download(tenant, adapter, 1),
        adapter -> server.as(tenant).activate(activation(1).setAdapter(adapter).build()),
        adapter -> server.as(tenant).rollback(name(adapter)),
        adapter ->
            server
                .as(tenant)
                .setScale(SetScaleRequest.newBuilder().setAdapter(adapter).setRevision(1).build()),
        adapter -> server.as(tenant).delete(ref(adapter, 0)),
        adapter -> server.as(tenant).delete(ref(adapter, 1)));
  }

  private void upload(String tenant, String adapter, PeftFolder peft) throws Exception {
    RawUpload.to(server.streamsAs(tenant)::upload).header(adapter).config(peft).weights(peft).end();
  }

  private Map<String, byte[]> download(String tenant, String adapter, int revision) {
    Map<String, ByteArrayOutputStream> files = new LinkedHashMap<>();
    server
        .as(tenant)
        .download(ref(adapter, revision))
        .forEachRemaining(
            chunk ->
                files
                    .computeIfAbsent(chunk.getPath(), _ -> new ByteArrayOutputStream())
                    .writeBytes(chunk.getData().toByteArray()));
    Map<String, byte[]> contents = new LinkedHashMap<>();
    files.forEach((path, bytes) -> contents.put(path, bytes.toByteArray()));
    return contents;
  }

  private static void refused(Status.Code code, ThrowingCallable call, String words) {
    StatusRuntimeException refusal = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(refusal).as("refusal with %s", words).isNotNull();
    assertThat(refusal.getStatus().getCode())
        .as(refusal.getStatus().getDescription())
        .isEqualTo(code);
    assertThat(refusal.getStatus().getDescription()).contains(words);
  }

  private static ActivateRequest.Builder activation(int revision) {
    return ActivateRequest.newBuilder().setAdapter("birds").setRevision(revision);
  }

  private static AdapterRef name(String adapter) {
    return AdapterRef.newBuilder().setAdapter(adapter).build();
  }

  private static RevisionRef ref(String adapter, int revision) {
    return RevisionRef.newBuilder().setAdapter(adapter).setRevision(revision).build();
  }
}
