package io.trimtab.serving.openinference;

import inference.GRPCInferenceServiceGrpc;
import inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceStub;
import inference.ModelInferRequest;
import inference.ModelStreamInferResponse;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.trimtab.adaptation.feedback.PredictionLimits;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.RunningServer;
import io.trimtab.serving.ServingLimits;
import io.trimtab.store.ObjectStore;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.InferenceGrpc.InferenceBlockingStub;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The protocol and {@code trimtab.v1.Inference} behind one socket. */
final class RunningModels implements AutoCloseable {
  private final Predictions predictions;
  private final RunningServer server;

  RunningModels(InferenceEngine engine, AdapterRegistry registry, ObjectStore store)
      throws IOException {
    this.predictions =
        Predictions.open(
            store,
            new TenantPictures(store, 1 << 20),
            PredictionLimits.defaults(),
            Clock.systemUTC());
    OpenCalls openCalls = new OpenCalls();
    this.server =
        RunningServer.start(
            engine,
            ServingLimits.DEFAULT,
            openCalls,
            predictions,
            List.of(
                new OpenInferenceService(
                        engine,
                        engine,
                        registry,
                        ServingLimits.DEFAULT,
                        predictions,
                        openCalls,
                        "1.2.3")
                    .bindService()));
  }

  Predictions predictions() {
    return predictions;
  }

  GRPCInferenceServiceBlockingStub as(String tenant) {
    return GRPCInferenceServiceGrpc.newBlockingStub(channel(tenant))
        .withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  GRPCInferenceServiceStub streamsAs(String tenant) {
    return GRPCInferenceServiceGrpc.newStub(channel(tenant));
  }

  /** The same server's own protocol. */
  InferenceBlockingStub trimtabAs(String tenant) {
    return InferenceGrpc.newBlockingStub(channel(tenant)).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  Channel channel(String tenant) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-tenant", Metadata.ASCII_STRING_MARSHALLER), tenant);
    return ClientInterceptors.intercept(
        server.channel(), MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** Sends requests on one stream and gathers what is answered until it ends. */
  List<ModelStreamInferResponse> streamed(String tenant, ModelInferRequest... requests)
      throws Exception {
    List<ModelStreamInferResponse> responses = new ArrayList<>();
    CompletableFuture<Void> ended = new CompletableFuture<>();
    StreamObserver<ModelInferRequest> stream =
        streamsAs(tenant)
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
    for (ModelInferRequest request : requests) {
      stream.onNext(request);
    }
    stream.onCompleted();
    ended.get(60, TimeUnit.SECONDS);
    return responses;
  }

  @Override
  public void close() {
    server.close();
  }
}
