package io.trimtab.serving;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.feedback.PredictionLimits;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adaptation.job.AdapterDeletion;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adapter.AdapterId;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.serving.adapters.AdapterService;
import io.trimtab.serving.drift.HandFedDrift;
import io.trimtab.serving.grpc.TenantInterceptor;
import io.trimtab.serving.inference.InferenceService;
import io.trimtab.serving.security.Tenants;
import io.trimtab.testing.AdapterBench;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.v1.AdaptersGrpc;
import io.trimtab.v1.AdaptersGrpc.AdaptersBlockingStub;
import io.trimtab.v1.AdaptersGrpc.AdaptersStub;
import io.trimtab.v1.DriftGrpc;
import io.trimtab.v1.DriftGrpc.DriftBlockingStub;
import io.trimtab.v1.DriftGrpc.DriftStub;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The services of adapters, drift and inference behind a real socket, without the rest of the
 * server.
 */
public final class RunningAdapters implements AutoCloseable {
  private final AdapterBench bench;
  private final ExampleStore examples;
  private final TuningJobs jobs;
  private final HandFedDrift drift;
  private final OpenCalls openCalls = new OpenCalls();
  private final Server server;
  private final String address;
  private final ManagedChannel channel;

  private RunningAdapters(AdapterBench bench) throws IOException {
    this.bench = bench;
    TenantPictures pictures = new TenantPictures(bench.store(), 1 << 20);
    Predictions predictions =
        Predictions.open(bench.store(), pictures, PredictionLimits.defaults(), Clock.systemUTC());
    this.examples =
        ExampleStore.open(
            bench.store(),
            bench.registry(),
            pictures,
            predictions,
            FeedbackLimits.defaults(),
            Clock.systemUTC());
    this.jobs = TuningJobs.open(bench.store(), Clock.systemUTC(), _ -> {});
    this.drift = new HandFedDrift(bench);
    this.server =
        ServerBuilder.forPort(0)
            .addService(
                new AdapterService(
                    bench.publisher(),
                    bench.registry(),
                    new AdapterDeletion(bench.registry(), jobs, examples, predictions),
                    bench.uploadLimits(),
                    openCalls))
            .addService(drift.service(openCalls))
            .addService(
                new InferenceService(
                    bench.engine(),
                    bench.engine(),
                    ServingLimits.DEFAULT,
                    NoPredictions.kept(),
                    openCalls,
                    Thread::startVirtualThread))
            .intercept(new TenantInterceptor(Tenants.open()))
            .maxInboundMessageSize(64 << 20)
            .build()
            .start();
    this.address = "localhost:" + server.getPort();
    this.channel = RunningServer.channelTo(server.getPort());
  }

  /** The bench is closed with the server. */
  public static RunningAdapters start(AdapterBench bench) throws IOException {
    return new RunningAdapters(bench);
  }

  public AdapterBench bench() {
    return bench;
  }

  public HandFedDrift drift() {
    return drift;
  }

  public ExampleStore examples() {
    return examples;
  }

  /** Of a picture, for any adapter. */
  public static Feedback correction(AdapterId adapter) {
    return new Feedback(
        "f1",
        adapter,
        Optional.empty(),
        List.of(new ChatMessage(Role.USER, List.of(new PicturePart(DrawnPictures.png(1))))),
        "A tit",
        "A robin",
        OptionalDouble.empty(),
        List.of());
  }

  public TuningJobs jobs() {
    return jobs;
  }

  /** As {@code --server} takes it. */
  public String address() {
    return address;
  }

  public AdaptersBlockingStub as(String tenant) {
    return as(tenant, AdaptersGrpc.newBlockingStub(channel));
  }

  public AdaptersStub streamsAs(String tenant) {
    return as(tenant, AdaptersGrpc.newStub(channel));
  }

  public DriftBlockingStub driftAs(String tenant) {
    return as(tenant, DriftGrpc.newBlockingStub(channel));
  }

  public DriftStub driftStreamsAs(String tenant) {
    return as(tenant, DriftGrpc.newStub(channel));
  }

  private static <S extends AbstractStub<S>> S as(String tenant, S stub) {
    Metadata headers = new Metadata();
    headers.put(TenantInterceptor.HEADER, tenant);
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** Waits for the calls in progress, as a stopping server does; how many are left. */
  public int stop(Duration grace) throws InterruptedException {
    return openCalls.close(grace);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    drift.close();
    bench.close();
  }
}
