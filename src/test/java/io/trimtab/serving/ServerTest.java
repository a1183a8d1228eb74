package io.trimtab.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import inference.GRPCInferenceServiceGrpc;
import inference.InferTensorContents;
import inference.ModelInferRequest;
import inference.ModelStreamInferResponse;
import inference.ServerMetadataRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.engine.api.EngineHealth;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.Checkpoint;
import io.trimtab.serving.adapters.RawUpload;
import io.trimtab.serving.grpc.TenantInterceptor;
import io.trimtab.testing.FakeEngine;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.Shared;
import io.trimtab.v1.AdaptersGrpc;
import io.trimtab.v1.GenerateEvent;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.Revision;
import io.trimtab.v1.RevisionRef;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The edge inside Quarkus, whose server calls services in ways of its own. */
@QuarkusTest
@TestProfile(FakeEngineProfile.class)
final class ServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Inject FakeEngine engine;

  @TempDir Path folder;

  @ConfigProperty(name = "quarkus.grpc.server.test-port")
  int grpcPort;

  @ConfigProperty(name = "quarkus.http.test-port")
  int httpPort;

  private ManagedChannel channel;

  @BeforeEach
  void connect() throws InterruptedException {
    channel = RunningServer.channelTo(grpcPort);
    engine.script(FakeEngine.silent()::generate);
    // What other tests asked of the same engine and nobody took.
    while (!engine.requests().isEmpty()) {
      var _ = engine.next();
    }
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
  }

  @Test
  void answerStreamsForTheTenantOfTheHeader() throws InterruptedException {
    engine.script(FakeEngine.answering("Blue")::generate);
    Metadata headers = new Metadata();
    headers.put(TenantInterceptor.HEADER, "acme");
    List<GenerateEvent> events = new ArrayList<>();
    InferenceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .generate(question())
        .forEachRemaining(events::add);

    assertThat(events).hasSize(3);
    assertThat(engine.next().request().tenant()).isEqualTo("acme");
  }

  @Test
  void cancelledUnaryCallCancelsInTheEngine() throws InterruptedException {
    var answer = InferenceGrpc.newFutureStub(channel).complete(question());
    FakeEngine.Taken taken = engine.next();
    answer.cancel(true);

    assertThat(taken.cancelled()).succeedsWithin(PATIENCE);
    taken.listener().started(FakeEngine.SERVED_BY);
    taken.listener().finished(FakeEngine.completion("too late"));
  }

  @Test
  void deadlineOfAUnaryCallCancelsInTheEngine() throws InterruptedException {
    // Connected before, so that the call has all of its time to reach the engine in.
    grpcHealthServes();
    var answer =
        InferenceGrpc.newFutureStub(channel)
            .withDeadlineAfter(4, TimeUnit.SECONDS)
            .complete(question());
    FakeEngine.Taken taken = engine.next();

    assertThat(taken.request().deadline()).isPresent();
    assertThat(taken.cancelled()).succeedsWithin(PATIENCE);
    assertThat(answer).failsWithin(PATIENCE);
    taken.listener().started(FakeEngine.SERVED_BY);
    taken.listener().finished(FakeEngine.completion("too late"));
  }

  @Test
  void slowClientsTextIsJoined() throws InterruptedException {
    FakeEngine.Taken taken;
    Iterator<GenerateEvent> events = InferenceGrpc.newBlockingStub(channel).generate(question());
    taken = engine.next();
    taken.listener().started(FakeEngine.SERVED_BY);
    String piece = "x".repeat(1000);
    // Far more than gRPC's and HTTP/2's own buffers hold, yet within the bound.
    for (int i = 0; i < 1000; i++) {
      taken.listener().delta(piece, List.of());
    }
    taken.listener().finished(FakeEngine.completion("all"));

    int deltas = 0;
    int characters = 0;
    while (events.hasNext()) {
      GenerateEvent event = events.next();
      if (event.hasDelta()) {
        deltas++;
        characters += event.getDelta().getText().length();
      }
    }
    assertThat(characters).isEqualTo(1_000_000);
    assertThat(deltas).isLessThan(1000);
  }

  @Test
  void uploadedFolderComesBackByteForByte() throws Exception {
    try (Checkpoint base = Checkpoint.open(Shared.path("models/dinghy-llava"))) {
      // Far more than gRPC's and HTTP/2's own buffers hold, either way.
      PeftFolder peft =
          PeftFolder.random(base.config(), folder, 7, 128, Set.of("q_proj", "gate_proj"), 0.1f);
      byte[] weights = Files.readAllBytes(peft.weights());
      RawUpload<Revision> upload =
          RawUpload.to(AdaptersGrpc.newStub(channel)::upload).header("birds").config(peft);
      for (int i = 0; i < weights.length; i += 100_000) {
        upload.chunk(
            "adapter_model.safetensors",
            Arrays.copyOfRange(weights, i, Math.min(i + 100_000, weights.length)));
      }
      Revision revision = upload.end();
      ByteArrayOutputStream back = new ByteArrayOutputStream();
      AdaptersGrpc.newBlockingStub(channel)
          .download(
              RevisionRef.newBuilder()
                  .setAdapter("birds")
                  .setRevision(revision.getRevision())
                  .build())
          .forEachRemaining(
              chunk -> {
                if (chunk.getPath().equals("adapter_model.safetensors")) {
                  back.writeBytes(chunk.getData().toByteArray());
                }
              });
      assertThat(back.toByteArray()).isEqualTo(weights);
      assertThat(weights.length).isGreaterThan(1 << 20);
      var _ =
          AdaptersGrpc.newBlockingStub(channel)
              .delete(RevisionRef.newBuilder().setAdapter("birds").build());
    }
  }

  @Test
  void openInferenceStreamsOnTheSamePort() throws Exception {
    engine.script(FakeEngine.answering("Blue", " wing")::generate);
    CompletableFuture<Void> ended = new CompletableFuture<>();
    List<ModelStreamInferResponse> responses = new ArrayList<>();
    StreamObserver<ModelInferRequest> stream =
        GRPCInferenceServiceGrpc.newStub(channel)
            .modelStreamInfer(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ModelStreamInferResponse response) {
                    responses.add(response);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    ended.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    ended.complete(null);
                  }
                });
    // More than may be open at a time.
    for (int i = 0; i < 100; i++) {
      stream.onNext(openQuestion().setId("r" + i).build());
    }
    stream.onCompleted();

    assertThat(ended).succeedsWithin(PATIENCE);
    assertThat(responses).hasSize(300);
    assertThat(responses.getLast().getInferResponse().getId()).isEqualTo("r99");
    for (int i = 0; i < 100; i++) {
      var _ = engine.next();
    }
    assertThat(
            GRPCInferenceServiceGrpc.newBlockingStub(channel)
                .serverMetadata(ServerMetadataRequest.getDefaultInstance())
                .getVersion())
        .isEqualTo(
            ConfigProvider.getConfig().getValue("quarkus.application.version", String.class));
  }

  @Test
  void cancelledOpenInferenceCallCancelsInTheEngine() throws InterruptedException {
    var answer = GRPCInferenceServiceGrpc.newFutureStub(channel).modelInfer(openQuestion().build());
    FakeEngine.Taken taken = engine.next();
    answer.cancel(true);
    assertThat(taken.cancelled()).succeedsWithin(PATIENCE);
    taken.listener().failed(new TrimtabException(ErrorCode.CANCELLED, "cancelled"));
  }

  private static ModelInferRequest.Builder openQuestion() {
    return ModelInferRequest.newBuilder()
        .setModelName("base")
        .addInputs(
            ModelInferRequest.InferInputTensor.newBuilder()
                .setName("prompt")
                .setDatatype("BYTES")
                .addShape(1)
                .setContents(
                    InferTensorContents.newBuilder()
                        .addBytesContents(ByteString.copyFromUtf8("What color?"))));
  }

  @Test
  void grpcHealthServes() {
    var health = HealthGrpc.newBlockingStub(channel);
    assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
        .isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void readinessAndLivenessFollowTheEngine() throws Exception {
    assertThat(status("ready")).isEqualTo(200);
    assertThat(status("live")).isEqualTo(200);
    engine.health(new EngineHealth.Loading());
    assertThat(status("ready")).isEqualTo(503);
    assertThat(status("live")).isEqualTo(200);
    engine.health(new EngineHealth.Failed("the step loop died"));
    assertThat(status("ready")).isEqualTo(503);
    assertThat(status("live")).isEqualTo(503);
    engine.health(new EngineHealth.Ready());
  }

  private int status(String check) throws IOException, InterruptedException {
    URI uri = URI.create("http://localhost:%d/health/%s".formatted(httpPort, check));
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).statusCode();
    }
  }

  private static GenerateRequest question() {
    return GenerateRequest.newBuilder().addMessages(Wire.user(Wire.text("What color?"))).build();
  }
}
