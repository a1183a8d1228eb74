package io.trimtab.serving.openinference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import inference.GRPCInferenceServiceGrpc;
import inference.InferParameter;
import inference.ModelInferRequest;
import inference.ModelInferResponse;
import inference.ModelStreamInferResponse;
import inference.ServerLiveRequest;
import inference.ServerMetadataRequest;
import inference.ServerMetadataResponse;
import inference.ServerReadyRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.trimtab.adaptation.feedback.FoundPrediction;
import io.trimtab.engine.api.EngineHealth;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.testing.AdapterBench;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.testing.FakeEngine;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.Image;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import io.trimtab.v1.Sampling;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The edge behind a real socket, with an engine that the test plays. */
final class OpenInferenceServiceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ServedBy BIRDS =
      new ServedBy("fake", "0".repeat(64), "birds", 3, "d".repeat(64), 0.5f);

  @TempDir Path folder;
  private AdapterBench bench;
  private FakeEngine engine;
  private RunningModels server;

  @BeforeEach
  void start() throws Exception {
    bench = AdapterBench.open(folder);
    engine = bench.engine();
    server = new RunningModels(engine, bench.registry(), bench.store());
  }

  @AfterEach
  void stop() {
    server.close();
    bench.close();
  }

  @Test
  void theAnswerHasTheFormOfTheRequestAndItsId() {
    ModelInferResponse raw =
        server.as("acme").modelInfer(OpenRequests.raw("base", "What?").setId("mine").build());
    assertThat(raw.getId()).isEqualTo("mine");
    assertThat(raw.getModelName()).isEqualTo("base");
    assertThat(raw.getModelVersion()).isEqualTo("0");
    assertThat(OpenRequests.rawText(raw)).isEqualTo("Blue");
    assertThat(raw.getOutputs(0).hasContents()).isFalse();
    assertThat(raw.getOutputs(0).getName()).isEqualTo("text");
    assertThat(raw.getOutputs(0).getDatatype()).isEqualTo("BYTES");
    assertThat(raw.getOutputs(0).getShapeList()).containsExactly(1L);

    ModelInferResponse typed =
        server.as("acme").modelInfer(OpenRequests.typed("base", "What?").build());
    assertThat(typed.getId()).isEmpty();
    assertThat(OpenRequests.typedText(typed)).isEqualTo("Blue");
    assertThat(typed.getRawOutputContentsList()).isEmpty();
  }

  @Test
  void theAnswerSaysWhatProducedIt() {
    engine.script(
        (_, listener) -> {
          listener.started(BIRDS);
          listener.finished(FakeEngine.completion("Wren"));
        });
    ModelInferResponse response =
        server.as("acme").modelInfer(OpenRequests.raw("birds", "What?").build());

    assertThat(response.getModelName()).isEqualTo("birds");
    assertThat(response.getModelVersion()).isEqualTo("3");
    Map<String, InferParameter> parameters = response.getParametersMap();
    assertThat(response.getParametersOrThrow("prediction_id").getStringParam()).hasSize(36);
    assertThat(parameters)
        .containsEntry("finish_reason", OpenRequests.string("stop"))
        .containsEntry("model", OpenRequests.string("fake"))
        .containsEntry("model_digest", OpenRequests.string("0".repeat(64)))
        .containsEntry("adapter", OpenRequests.string("birds"))
        .containsEntry("revision", OpenRequests.int64(3))
        .containsEntry("adapter_digest", OpenRequests.string("d".repeat(64)))
        .containsEntry("scale", OpenRequests.real(0.5))
        .containsEntry("prompt_tokens", OpenRequests.int64(12))
        .containsEntry("image_tokens", OpenRequests.int64(9))
        .containsEntry("completion_tokens", OpenRequests.int64(2))
        .containsEntry("cached_prompt_tokens", OpenRequests.int64(3))
        .doesNotContainKey("triton_final_response");
  }

  /** The engine is asked the very same, whichever protocol brings it. */
  @Test
  void theEngineIsAskedAsByTrimtabsOwnProtocol() throws Exception {
    byte[] picture = DrawnPictures.png(1).encoded();
    var _ =
        server
            .trimtabAs("acme")
            .complete(
                GenerateRequest.newBuilder()
                    .setRequestId("r")
                    .setAdapter("birds@3")
                    .addMessages(
                        Message.newBuilder()
                            .setRole("user")
                            .addParts(
                                Part.newBuilder()
                                    .setImage(
                                        Image.newBuilder().setData(ByteString.copyFrom(picture))))
                            .addParts(Part.newBuilder().setText("What?")))
                    .setSampling(
                        Sampling.newBuilder().setMaxTokens(7).setTemperature(0.5f).setSeed(1))
                    .build());
    var _ =
        server
            .as("acme")
            .modelInfer(
                OpenRequests.raw("birds", "What?", picture)
                    .setModelVersion("3")
                    .setId("r")
                    .putParameters("max_tokens", OpenRequests.string("7"))
                    .putParameters("temperature", OpenRequests.real(0.5))
                    .putParameters("seed", OpenRequests.int64(1))
                    .build());

    GenerationRequest own = engine.next().request();
    GenerationRequest open = engine.next().request();
    assertThat(open.deadline()).isPresent();
    // Each answer has an id of its own.
    assertThat(open)
        .usingRecursiveComparison()
        .ignoringFields("deadline", "origin.answerId")
        .isEqualTo(own);
    assertThat(open.origin().answerId()).isNotEmpty().isNotEqualTo(own.origin().answerId());
  }

  @Test
  void aRetainedPredictionIsFoundByTheAnswersId() {
    String retained =
        predictionId(
            OpenRequests.typed("base", "What?").putParameters("retain", OpenRequests.bool(true)));
    String other = predictionId(OpenRequests.typed("base", "What?"));

    assertThat(server.predictions().find("acme", retained))
        .isInstanceOfSatisfying(
            FoundPrediction.Present.class,
            found -> assertThat(found.prediction().answer()).isEqualTo("Blue"));
    assertThat(server.predictions().find("acme", other))
        .isInstanceOf(FoundPrediction.Unknown.class);
    assertThat(server.predictions().find("other", retained))
        .isInstanceOf(FoundPrediction.Unknown.class);
  }

  private String predictionId(ModelInferRequest.Builder request) {
    return server
        .as("acme")
        .modelInfer(request.build())
        .getParametersOrThrow("prediction_id")
        .getStringParam();
  }

  @Test
  void refusalsKeepCodeAndMessage() {
    refused(
        Status.Code.INVALID_ARGUMENT,
        () -> server.as("acme").modelInfer(OpenRequests.raw("../x", "?").build()),
        "The model is '../x'");
    refused(
        Status.Code.INVALID_ARGUMENT,
        () -> server.as("acme").modelInfer(OpenRequests.raw("base", "?").setId("\n").build()),
        "request_id");
    refused(
        Status.Code.INVALID_ARGUMENT,
        () -> server.as("acme").modelInfer(OpenRequests.raw("base", "x".repeat(2 << 20)).build()),
        "2097152 characters of text, expected at most 1048576");
    for (ErrorCode code : ErrorCode.values()) {
      engine.script(
          (_, _) -> {
            throw new TrimtabException(code, "because");
          });
      refused(
          Status.Code.valueOf(code.name()),
          () -> server.as("acme").modelInfer(OpenRequests.raw("base", "?").build()),
          "because");
    }
  }

  @Test
  void aCancelledCallCancelsInTheEngine() throws Exception {
    engine.script((_, _) -> {});
    var answer =
        GRPCInferenceServiceGrpc.newFutureStub(server.channel("acme"))
            .modelInfer(OpenRequests.raw("base", "?").build());
    FakeEngine.Taken taken = engine.next();
    answer.cancel(true);
    assertThat(taken.cancelled()).succeedsWithin(PATIENCE);
  }

  @Test
  void theEarlierOfDeadlineAndTimeoutIsKnownToTheEngine() throws Exception {
    Instant before = Instant.now();
    ModelInferRequest.Builder request = OpenRequests.raw("base", "?");
    var _ =
        server
            .as("acme")
            .modelInfer(request.putParameters("timeout", OpenRequests.uint64(5_000_000)).build());
    assertThat(engine.next().request().deadline().orElseThrow())
        .isBetween(before.plusSeconds(5), Instant.now().plusSeconds(5));
    var _ =
        server
            .as("acme")
            .modelInfer(request.putParameters("timeout", OpenRequests.uint64(500_000_000)).build());
    assertThat(engine.next().request().deadline().orElseThrow())
        .isBefore(Instant.now().plusSeconds(61));
  }

  @Test
  void requestsOfAStreamAreAdmittedInOrderForTheTenantOfTheCall() throws Exception {
    List<ModelStreamInferResponse> responses =
        server.streamed(
            "acme",
            OpenRequests.raw("base", "1").setId("r1").build(),
            OpenRequests.typed("nowhere@", "2").setId("r2").build(),
            OpenRequests.typed("birds", "3").setId("r3").build());

    assertThat(engine.next().request().requestId()).isEqualTo("r1");
    GenerationRequest third = engine.next().request();
    assertThat(third.requestId()).isEqualTo("r3");
    assertThat(third.tenant()).isEqualTo("acme");
    assertThat(responses)
        .extracting(response -> response.getInferResponse().getId())
        .containsExactly("r1", "r1", "r2", "r3", "r3");
    assertThat(responses.get(2).getErrorMessage()).startsWith("The model is 'nowhere@'");
    assertThat(OpenRequests.rawText(responses.get(0).getInferResponse())).isEqualTo("Blue");
    assertThat(OpenRequests.typedText(responses.get(3).getInferResponse())).isEqualTo("Blue");
    assertThat(responses.get(4).getInferResponse().getParametersMap())
        .containsEntry("triton_final_response", OpenRequests.bool(true))
        .containsKeys("prediction_id", "adapter_digest", "finish_reason", "completion_tokens");
    assertThat(responses.get(3).getInferResponse().getParametersMap())
        .containsOnly(Map.entry("triton_final_response", OpenRequests.bool(false)));
  }

  @Test
  void aStreamThatIsCancelledCancelsInTheEngine() throws Exception {
    engine.script((_, _) -> {});
    SlowReader reader = new SlowReader();
    var stream = server.streamsAs("acme").modelStreamInfer(reader);
    stream.onNext(OpenRequests.raw("base", "1").build());
    stream.onNext(OpenRequests.raw("base", "2").build());
    FakeEngine.Taken first = engine.next();
    FakeEngine.Taken second = engine.next();
    reader.call().cancel("enough", null);

    assertThat(first.cancelled()).succeedsWithin(PATIENCE);
    assertThat(second.cancelled()).succeedsWithin(PATIENCE);
  }

  @Test
  void aSlowReadersTextIsJoinedAndComesWhole() throws Exception {
    engine.script((_, _) -> {});
    SlowReader reader = new SlowReader();
    var stream = server.streamsAs("acme").modelStreamInfer(reader);
    stream.onNext(OpenRequests.raw("base", "1").build());
    stream.onCompleted();
    FakeEngine.Taken taken = engine.next();
    taken.listener().started(FakeEngine.SERVED_BY);
    // Far more than gRPC's and HTTP/2's own buffers hold, yet within the bound.
    for (int i = 0; i < 1000; i++) {
      taken.listener().delta("x".repeat(1000), List.of());
    }
    taken.listener().finished(FakeEngine.completion("all"));
    reader.call().request(Integer.MAX_VALUE);

    assertThat(reader.ended).succeedsWithin(PATIENCE);
    assertThat(reader.responses.size()).isBetween(2, 999);
    assertThat(
            reader.responses.stream()
                .mapToInt(each -> OpenRequests.rawText(each.getInferResponse()).length())
                .sum())
        .isEqualTo(1_000_000);
  }

  @Test
  void aReaderThatNeverReadsIsCutOff() throws Exception {
    engine.script((_, _) -> {});
    SlowReader reader = new SlowReader();
    var stream = server.streamsAs("acme").modelStreamInfer(reader);
    stream.onNext(OpenRequests.raw("base", "1").build());
    FakeEngine.Taken taken = engine.next();
    taken.listener().started(FakeEngine.SERVED_BY);
    // Twice the bound and more: once, all that waits may still be handed to gRPC as one response.
    for (int i = 0; i < 4000 && !taken.cancelled().isDone(); i++) {
      taken.listener().delta("x".repeat(1000), List.of());
    }
    // The request's handle may reach the stream a moment after the engine has begun.
    assertThat(taken.cancelled()).succeedsWithin(PATIENCE);
    reader.call().request(Integer.MAX_VALUE);
    assertThat(reader.ended)
        .failsWithin(PATIENCE)
        .withThrowableThat()
        .withMessageContaining("RESOURCE_EXHAUSTED: The stream is read too slowly");
  }

  @Test
  void liveAndReadyFollowTheEngine() {
    assertThat(live()).isTrue();
    assertThat(ready()).isTrue();
    engine.health(new EngineHealth.Loading());
    assertThat(live()).isTrue();
    assertThat(ready()).isFalse();
    engine.health(new EngineHealth.Failed("the step loop died"));
    assertThat(live()).isFalse();
    assertThat(ready()).isFalse();
  }

  @Test
  void theServerSaysWhatItIs() {
    ServerMetadataResponse metadata =
        server.as("acme").serverMetadata(ServerMetadataRequest.getDefaultInstance());
    assertThat(metadata.getName()).isEqualTo("trimtab");
    assertThat(metadata.getVersion()).isEqualTo("1.2.3");
    assertThat(metadata.getExtensionsList()).contains("model_repository", "parameters");
  }

  private boolean live() {
    return server.as("acme").serverLive(ServerLiveRequest.getDefaultInstance()).getLive();
  }

  private boolean ready() {
    return server.as("acme").serverReady(ServerReadyRequest.getDefaultInstance()).getReady();
  }

  private static void refused(Status.Code code, ThrowingCallable call, String words) {
    StatusRuntimeException refusal = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(refusal).as("refusal with %s", words).isNotNull();
    assertThat(refusal.getStatus().getCode()).isEqualTo(code);
    assertThat(refusal.getStatus().getDescription()).contains(words);
  }

  /** A client that reads nothing until it is told to. */
  private static final class SlowReader
      implements ClientResponseObserver<ModelInferRequest, ModelStreamInferResponse> {
    private final CompletableFuture<ClientCallStreamObserver<ModelInferRequest>> call =
        new CompletableFuture<>();
    private final BlockingQueue<ModelStreamInferResponse> responses = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    ClientCallStreamObserver<ModelInferRequest> call() throws Exception {
      return call.get(60, TimeUnit.SECONDS);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ModelInferRequest> stream) {
      stream.disableAutoRequestWithInitial(0);
      call.complete(stream);
    }

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
  }
}
