package io.trimtab.serving.openinference;

import inference.GRPCInferenceServiceGrpc;
import inference.ModelConfigRequest;
import inference.ModelConfigResponse;
import inference.ModelInferRequest;
import inference.ModelInferResponse;
import inference.ModelMetadataRequest;
import inference.ModelMetadataResponse;
import inference.ModelReadyRequest;
import inference.ModelReadyResponse;
import inference.ModelStreamInferResponse;
import inference.RepositoryIndexRequest;
import inference.RepositoryIndexResponse;
import inference.RepositoryModelLoadRequest;
import inference.RepositoryModelLoadResponse;
import inference.RepositoryModelUnloadRequest;
import inference.RepositoryModelUnloadResponse;
import inference.ServerLiveRequest;
import inference.ServerLiveResponse;
import inference.ServerMetadataRequest;
import inference.ServerMetadataResponse;
import inference.ServerReadyRequest;
import inference.ServerReadyResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.engine.api.EngineHealth;
import io.trimtab.engine.api.Generator;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.serving.CallIds;
import io.trimtab.serving.Cancellation;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.grpc.AdmittedCalls;
import io.trimtab.serving.grpc.Caller;
import io.trimtab.serving.inference.GenerationIntake;
import io.trimtab.serving.metrics.MeteredGenerator;
import jakarta.inject.Inject;
import java.util.concurrent.Executor;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The gRPC edge of {@code inference.GRPCInferenceService}. A method sets its handlers and returns
 * at once; what reads pictures or waits does so on a virtual thread.
 */
@GrpcService
public class OpenInferenceService extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
  private static final String NAME = "trimtab";

  private final InferenceEngine engine;
  private final ServingLimits limits;
  private final OpenCalls openCalls;
  private final String version;
  private final InferIntake intake;
  private final ModelRepository repository;
  private final AdmittedCalls calls;
  private final Executor working = Thread::startVirtualThread;

  @Inject
  OpenInferenceService(
      InferenceEngine engine,
      MeteredGenerator generator,
      AdapterRegistry registry,
      ServingLimits limits,
      Predictions predictions,
      OpenCalls openCalls,
      @ConfigProperty(name = "quarkus.application.version") String version) {
    this(engine, (Generator) generator, registry, limits, predictions, openCalls, version);
  }

  /**
   * @param generator answers: the engine, or what stands before it
   * @param version of the server
   */
  OpenInferenceService(
      InferenceEngine engine,
      Generator generator,
      AdapterRegistry registry,
      ServingLimits limits,
      Predictions predictions,
      OpenCalls openCalls,
      String version) {
    this.engine = engine;
    this.limits = limits;
    this.openCalls = openCalls;
    this.calls = new AdmittedCalls(openCalls);
    this.version = version;
    this.intake =
        new InferIntake(
            new InferRequestReader(limits.picturesMax()),
            new GenerationIntake(engine, generator, limits, predictions, working));
    this.repository = new ModelRepository(engine, registry);
  }

  @Override
  public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> observer) {
    boolean live = !(engine.health() instanceof EngineHealth.Failed);
    observer.onNext(ServerLiveResponse.newBuilder().setLive(live).build());
    observer.onCompleted();
  }

  @Override
  public void serverReady(
      ServerReadyRequest request, StreamObserver<ServerReadyResponse> observer) {
    boolean ready = engine.health() instanceof EngineHealth.Ready && openCalls.areTaken();
    observer.onNext(ServerReadyResponse.newBuilder().setReady(ready).build());
    observer.onCompleted();
  }

  @Override
  public void serverMetadata(
      ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> observer) {
    observer.onNext(
        ServerMetadataResponse.newBuilder()
            .setName(NAME)
            .setVersion(version)
            .addExtensions("model_configuration")
            .addExtensions("model_repository")
            .addExtensions("parameters")
            .build());
    observer.onCompleted();
  }

  @Override
  public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> observer) {
    calls.answer(
        observer,
        caller ->
            ModelReadyResponse.newBuilder()
                .setReady(
                    repository.ready(caller.tenant(), request.getName(), request.getVersion()))
                .build());
  }

  @Override
  public void modelMetadata(
      ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> observer) {
    calls.answer(
        observer,
        caller -> repository.metadata(caller.tenant(), request.getName(), request.getVersion()));
  }

  @Override
  public void modelConfig(
      ModelConfigRequest request, StreamObserver<ModelConfigResponse> observer) {
    calls.answer(
        observer,
        caller ->
            ModelConfigResponse.newBuilder()
                .setConfig(
                    repository.config(caller.tenant(), request.getName(), request.getVersion()))
                .build());
  }

  @Override
  public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> observer) {
    ServerCallStreamObserver<ModelInferResponse> client =
        (ServerCallStreamObserver<ModelInferResponse>) observer;
    Cancellation cancellation = new Cancellation();
    client.setOnCancelHandler(cancellation::cancel);
    CallIds made = CallIds.made();
    calls.replyTo(
        client,
        (caller, reply) -> {
          InferCall call =
              new InferCall(new InferResponseWriter(request, made.predictionId()), reply);
          cancellation.attach(intake.generate(request, made, caller, call));
        });
  }

  @Override
  public StreamObserver<ModelInferRequest> modelStreamInfer(
      StreamObserver<ModelStreamInferResponse> observer) {
    Caller caller = Caller.current();
    InferStream stream =
        new InferStream(
            (ServerCallStreamObserver<ModelStreamInferResponse>) observer,
            (request, made, answer) -> intake.generate(request, made, caller, answer),
            openCalls,
            limits.pendingCharactersMax(),
            working);
    stream.begin();
    return stream;
  }

  @Override
  public void repositoryIndex(
      RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> observer) {
    calls.answer(observer, caller -> repository.index(caller.tenant(), request));
  }

  @Override
  public void repositoryModelLoad(
      RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> observer) {
    calls.answer(
        observer,
        caller -> {
          String model = LoadDialects.model(request);
          repository.load(caller.tenant(), model);
          return RepositoryModelLoadResponse.newBuilder()
              .setModelName(model)
              .setIsLoaded(true)
              .build();
        });
  }

  @Override
  public void repositoryModelUnload(
      RepositoryModelUnloadRequest request,
      StreamObserver<RepositoryModelUnloadResponse> observer) {
    calls.answer(
        observer,
        caller -> {
          String model = LoadDialects.model(request);
          return RepositoryModelUnloadResponse.newBuilder()
              .setModelName(model)
              .setIsUnloaded(repository.unload(caller.tenant(), model))
              .build();
        });
  }
}
