package io.trimtab.serving.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.trimtab.engine.api.ScoringRequest.Positions;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.RunningServer;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.Wire;
import io.trimtab.serving.grpc.TenantInterceptor;
import io.trimtab.testing.FakeEngine;
import io.trimtab.v1.DescribeModelRequest;
import io.trimtab.v1.FinishReason;
import io.trimtab.v1.GenerateEvent;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.GenerateResponse;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.InferenceGrpc.InferenceBlockingStub;
import io.trimtab.v1.ModelDescription;
import io.trimtab.v1.ScoreRequest;
import io.trimtab.v1.ScoreResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class InferenceServiceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Passes in the test, and not before a call has reached the engine. */
  private static final Duration DEADLINE = Duration.ofSeconds(4);

  private final FakeEngine engine = FakeEngine.silent();
  private final OpenCalls openCalls = new OpenCalls();
  private RunningServer server;

  @BeforeEach
  void start() throws IOException {
    server = RunningServer.start(engine, ServingLimits.DEFAULT, openCalls);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void streamIsStartedThenDeltasThenFinished() {
    engine.script(FakeEngine.answering("Blue", " wing")::generate);
    List<GenerateEvent> events = new ArrayList<>();
    stub().generate(question().setRequestId("mine").build()).forEachRemaining(events::add);

    assertThat(events)
        .extracting(GenerateEvent::getEventCase)
        .containsExactly(
            GenerateEvent.EventCase.STARTED,
            GenerateEvent.EventCase.DELTA,
            GenerateEvent.EventCase.DELTA,
            GenerateEvent.EventCase.FINISHED);
    assertThat(events.getFirst().getStarted().getRequestId()).isEqualTo("mine");
    assertThat(events.getFirst().getStarted().getPredictionId()).hasSize(36);
    assertThat(events.getFirst().getStarted().getServedBy().getModel()).isEqualTo("fake");
    assertThat(events.getLast().getFinished().getText()).isEqualTo("Blue wing");
    assertThat(events.getLast().getFinished().getReason())
        .isEqualTo(FinishReason.FINISH_REASON_STOP);
    assertThat(events.getLast().getFinished().getUsage().getCachedPromptTokens()).isEqualTo(3);
    assertThat(events.getLast().getFinished().getTimings().getDecodeUs()).isEqualTo(5);
  }

  @Test
  void completeGathersTextAndLogprobs() {
    engine.script(
        (_, listener) -> {
          listener.started(FakeEngine.SERVED_BY);
          TokenLogprob other = new TokenLogprob(8, "Red", -2, List.of());
          listener.delta("Blue", List.of(new TokenLogprob(7, "Blue", -0.5f, List.of(other))));
          listener.delta(" wing", List.of(new TokenLogprob(9, " wing", -1, List.of())));
          listener.finished(FakeEngine.completion("Blue wing"));
        });
    GenerateResponse response = stub().complete(question().build());

    assertThat(response.getRequestId()).isNotEmpty();
    assertThat(response.getText()).isEqualTo("Blue wing");
    assertThat(response.getLogprobsList())
        .extracting(io.trimtab.v1.TokenLogprob::getToken)
        .containsExactly(7, 9);
    assertThat(response.getLogprobs(0).getTop(0).getText()).isEqualTo("Red");
    assertThat(response.getUsage().getPromptTokens()).isEqualTo(12);
  }

  @Test
  void cancelledStreamCancelsInTheEngine() throws InterruptedException {
    try (Context.CancellableContext call = Context.current().withCancellation()) {
      Iterator<GenerateEvent> events = call.wrap(() -> stub().generate(question().build())).call();
      FakeEngine.Taken taken = engine.next();
      taken.listener().started(FakeEngine.SERVED_BY);
      assertThat(events.next().hasStarted()).isTrue();
      call.cancel(null);
      assertThat(taken.cancelled()).succeedsWithin(PATIENCE);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void cancelledUnaryCallCancelsInTheEngine() throws InterruptedException {
    var answer = InferenceGrpc.newFutureStub(server.channel()).complete(question().build());
    FakeEngine.Taken taken = engine.next();
    answer.cancel(true);
    assertThat(taken.cancelled()).succeedsWithin(PATIENCE);

    var score = InferenceGrpc.newFutureStub(server.channel()).score(scoring());
    FakeEngine.Scored scored = engine.nextScored();
    score.cancel(true);
    assertThat(scored.result()).failsWithin(PATIENCE);
    assertThat(scored.result()).isCancelled();
  }

  @Test
  void passedDeadlineCancelsInTheEngineAndIsKnownToIt() throws InterruptedException {
    // Connected before, so that the call has all of its time to reach the engine in.
    var _ = stub().describeModel(DescribeModelRequest.getDefaultInstance());
    Instant before = Instant.now();
    var answer =
        InferenceGrpc.newFutureStub(server.channel())
            .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
            .complete(question().build());
    FakeEngine.Taken taken = engine.next();

    assertThat(taken.request().deadline())
        .hasValueSatisfying(
            deadline -> assertThat(deadline).isBetween(before, Instant.now().plus(DEADLINE)));
    assertThat(taken.cancelled()).succeedsWithin(PATIENCE);
    assertThat(answer).failsWithin(PATIENCE);
  }

  @Test
  void scoreCarriesPromptAndContinuation() throws InterruptedException {
    var score = InferenceGrpc.newFutureStub(server.channel()).score(scoring());
    FakeEngine.Scored scored = engine.nextScored();
    assertThat(scored.request().continuation()).isEqualTo(" blue");
    assertThat(scored.request().positions()).isEqualTo(Positions.PROMPT_AND_CONTINUATION);
    scored
        .result()
        .complete(
            new ScoringResult(
                FakeEngine.SERVED_BY,
                List.of(new TokenLogprob(1, "What", -3, List.of())),
                List.of(
                    new TokenLogprob(2, " blue", -1, List.of()),
                    new TokenLogprob(3, "", -0.5f, List.of()))));

    assertThat(score).succeedsWithin(PATIENCE);
    ScoreResponse response = score.resultNow();
    assertThat(response.getTotalLogprob()).isEqualTo(-1.5f);
    assertThat(response.getPromptTokens(0).getText()).isEqualTo("What");
    assertThat(response.getTokensCount()).isEqualTo(2);
  }

  @Test
  void scoringFailsWithTheEnginesRefusal() throws InterruptedException {
    var score = InferenceGrpc.newFutureStub(server.channel()).score(scoring());
    engine
        .nextScored()
        .result()
        .completeExceptionally(new TrimtabException(ErrorCode.NOT_FOUND, "no adapter birds"));

    assertThat(score)
        .failsWithin(PATIENCE)
        .withThrowableThat()
        .withMessageContaining("NOT_FOUND: no adapter birds");
  }

  @Test
  void modelIsDescribed() {
    ModelDescription model = stub().describeModel(DescribeModelRequest.getDefaultInstance());

    assertThat(model.getFamily()).isEqualTo("qwen2_5_vl");
    assertThat(model.getMaxSequenceTokens()).isEqualTo(4096);
    assertThat(model.getMaxBatch()).isEqualTo(8);
    assertThat(model.getAdapterTargetsList()).containsExactly("q_proj", "k_proj");
  }

  @Test
  void engineRefusalsKeepCodeAndMessage() {
    for (ErrorCode code : ErrorCode.values()) {
      engine.script(
          (_, _) -> {
            throw new TrimtabException(code, "because");
          });
      Status status = statusOf(() -> stub().complete(question().build()));
      assertThat(status.getCode().name()).isEqualTo(code.name());
      assertThat(status.getDescription()).isEqualTo("because");
    }
  }

  @Test
  void unexpectedFailureIsInternalAndKeepsItsSecrets() {
    engine.script(
        (_, _) -> {
          throw new IllegalStateException("password");
        });
    Status status = statusOf(() -> stub().complete(question().build()));

    assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(status.getDescription()).startsWith("Internal error").doesNotContain("password");
  }

  @Test
  void messageTooLongForATrailerIsCut() {
    engine.script(
        (_, _) -> {
          throw TrimtabException.invalid("é".repeat(100_000));
        });
    Status status = statusOf(() -> stub().complete(question().build()));

    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).hasSizeLessThan(1000).endsWith("…");
  }

  @Test
  void tenantComesFromTheHeader() throws InterruptedException {
    engine.script(FakeEngine.answering("x")::generate);
    var _ = stub().complete(question().build());
    assertThat(engine.next().request().tenant()).isEqualTo("default");
    var _ = as("acme.2").complete(question().build());
    assertThat(engine.next().request().tenant()).isEqualTo("acme.2");

    Status status = statusOf(() -> as("../Etc").complete(question().build()));
    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).contains("x-tenant is '../Etc'");
  }

  @Test
  void stoppingServerRefusesNewCallsAndWaitsForOpenOnes() throws Exception {
    var answer = InferenceGrpc.newFutureStub(server.channel()).complete(question().build());
    FakeEngine.Taken taken = engine.next();
    assertThat(openCalls.close(Duration.ZERO)).isEqualTo(1);
    assertThat(statusOf(() -> stub().complete(question().build())).getCode())
        .isEqualTo(Status.Code.UNAVAILABLE);

    Thread.startVirtualThread(
        () -> {
          taken.listener().started(FakeEngine.SERVED_BY);
          taken.listener().finished(FakeEngine.completion("done"));
        });
    assertThat(openCalls.close(PATIENCE)).isZero();
    assertThat(answer).succeedsWithin(PATIENCE);
  }

  private InferenceBlockingStub stub() {
    return InferenceGrpc.newBlockingStub(server.channel());
  }

  private InferenceBlockingStub as(String tenant) {
    Metadata headers = new Metadata();
    headers.put(TenantInterceptor.HEADER, tenant);
    return stub().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static GenerateRequest.Builder question() {
    return GenerateRequest.newBuilder().addMessages(Wire.user(Wire.text("What color?")));
  }

  private static ScoreRequest scoring() {
    return ScoreRequest.newBuilder()
        .addMessages(Wire.user(Wire.text("What color?")))
        .setContinuation(" blue")
        .setPromptLogprobs(true)
        .build();
  }

  private static Status statusOf(Runnable call) {
    return catchThrowableOfType(StatusRuntimeException.class, call::run).getStatus();
  }
}
