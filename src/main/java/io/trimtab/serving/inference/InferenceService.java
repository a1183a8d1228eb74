package io.trimtab.serving.inference;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.engine.api.Generator;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.CallIds;
import io.trimtab.serving.Cancellation;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.grpc.Caller;
import io.trimtab.serving.grpc.StatusMapping;
import io.trimtab.serving.grpc.UnaryReply;
import io.trimtab.serving.metrics.MeteredGenerator;
import io.trimtab.v1.DescribeModelRequest;
import io.trimtab.v1.GenerateEvent;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.GenerateResponse;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.ModelDescription;
import io.trimtab.v1.ScoreRequest;
import io.trimtab.v1.ScoreResponse;
import jakarta.inject.Inject;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The gRPC edge of {@code trimtab.v1.Inference}.
 *
 * <p>Built on gRPC's own observers, not on Mutiny stubs: those neither tell when a client is ready
 * for more nor cancel a unary call whose client has gone. A method sets its handlers and returns at
 * once; the request is read on a virtual thread, since pictures are digested. The engine's own
 * thread brings what is streamed; an answer that comes whole is written on a virtual thread too.
 */
@GrpcService
public class InferenceService extends InferenceGrpc.InferenceImplBase {
  private final InferenceEngine engine;
  private final GenerationIntake intake;
  private final ServingLimits limits;
  private final OpenCalls openCalls;
  private final RequestReader reader;
  private final Executor working;

  @Inject
  public InferenceService(
      InferenceEngine engine,
      MeteredGenerator generator,
      ServingLimits limits,
      Predictions predictions,
      OpenCalls openCalls) {
    this(engine, generator, limits, predictions, openCalls, Thread::startVirtualThread);
  }

  /**
   * @param generator answers: the engine, or what stands before it
   * @param working where requests are read and whole answers written
   */
  public InferenceService(
      InferenceEngine engine,
      Generator generator,
      ServingLimits limits,
      Predictions predictions,
      OpenCalls openCalls,
      Executor working) {
    this.engine = engine;
    this.intake = new GenerationIntake(engine, generator, limits, predictions, working);
    this.limits = limits;
    this.openCalls = openCalls;
    this.reader = new RequestReader(engine, limits);
    this.working = working;
  }

  @Override
  public void generate(GenerateRequest request, StreamObserver<GenerateEvent> observer) {
    open(
        request.getRequestId(),
        observer,
        (ids, client, cancellation) -> {
          GenerateStream stream =
              new GenerateStream(
                  ids, client, cancellation, openCalls, limits.pendingCharactersMax());
          client.setOnReadyHandler(stream::ready);
          submit(
              stream::fail,
              caller -> cancellation.attach(intake.generate(ids, request, caller, stream)));
        });
  }

  @Override
  public void complete(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
    open(
        request.getRequestId(),
        observer,
        (ids, client, cancellation) -> {
          UnaryReply<GenerateResponse> reply = new UnaryReply<>(client, openCalls);
          submit(
              reply::fail,
              caller ->
                  cancellation.attach(
                      intake.generate(
                          ids, request, caller, new CompleteCall(ids, reply, working))));
        });
  }

  @Override
  public void score(ScoreRequest request, StreamObserver<ScoreResponse> observer) {
    open(
        "",
        observer,
        (ids, client, cancellation) -> {
          UnaryReply<ScoreResponse> reply = new UnaryReply<>(client, openCalls);
          submit(
              reply::fail,
              caller -> {
                CompletableFuture<ScoringResult> result =
                    engine.score(reader.scoring(ids.requestId(), request, caller));
                cancellation.attach(() -> result.cancel(true));
                // Not by the engine's thread: there may be a million numbers to write.
                var _ = result.whenCompleteAsync(reply.writing(AnswerWriter::score), working);
              });
        });
  }

  @Override
  public void describeModel(
      DescribeModelRequest request, StreamObserver<ModelDescription> observer) {
    open(
        "",
        observer,
        (_, client, _) -> {
          UnaryReply<ModelDescription> reply = new UnaryReply<>(client, openCalls);
          submit(reply::fail, _ -> reply.answer(AnswerWriter.model(engine.model())));
        });
  }

  /** What a method does with an admitted call; it must not wait. */
  private interface Opened<T> {
    void handle(CallIds ids, ServerCallStreamObserver<T> client, Cancellation cancellation);
  }

  private <T> void open(String requestId, StreamObserver<T> observer, Opened<T> opened) {
    ServerCallStreamObserver<T> client = (ServerCallStreamObserver<T>) observer;
    CallIds ids;
    try {
      ids = CallIds.of(requestId);
      openCalls.began();
    } catch (TrimtabException refusal) {
      client.onError(StatusMapping.toError(refusal));
      return;
    }
    Cancellation cancellation = new Cancellation();
    client.setOnCancelHandler(cancellation::cancel);
    opened.handle(ids, client, cancellation);
  }

  private void submit(Consumer<Throwable> fail, Consumer<Caller> call) {
    Caller caller = Caller.current();
    working.execute(
        () -> {
          try {
            call.accept(caller);
          } catch (Throwable failure) {
            // Errors too: a call that nobody ends would hold a stopping server.
            fail.accept(failure);
          }
        });
  }
}
