package io.trimtab.serving;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.feedback.FeedbackLog;
import io.trimtab.adaptation.feedback.FeedbackOutcome;
import io.trimtab.adaptation.feedback.PredictionLimits;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adapter.AdapterId;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.feedback.FeedbackService;
import io.trimtab.serving.feedback.TuningNeeds;
import io.trimtab.serving.grpc.ServerChannel;
import io.trimtab.serving.grpc.TenantInterceptor;
import io.trimtab.serving.inference.InferenceService;
import io.trimtab.serving.security.Tenants;
import io.trimtab.serving.tuning.TuningService;
import io.trimtab.testing.AdapterBench;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.Image;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * The services of inference, feedback and tuning behind a real socket. The log hands what is
 * appended to the example store at once, and can be made to be away; nothing tunes.
 */
public final class RunningLoop implements AutoCloseable {
  /** As the server has it by default. */
  public static final int INBOUND_BYTES_MAX = 64 << 20;

  private final AdapterBench bench;
  private final ExampleStore examples;
  private final TuningJobs jobs;
  private final DirectLog log = new DirectLog();
  private final AtomicInteger wakes = new AtomicInteger();
  private final Server server;
  private final ManagedChannel channel;

  /** Feedback that needs no broker. */
  public final class DirectLog implements FeedbackLog {
    private final List<String> refused = new ArrayList<>();
    private volatile boolean away;
    private long offset;

    /** From now on the broker can't be reached. */
    public void goAway() {
      away = true;
    }

    @Override
    public synchronized CompletableFuture<Position> append(Feedback feedback) {
      if (away) {
        return CompletableFuture.failedFuture(
            new TrimtabException(ErrorCode.UNAVAILABLE, "The broker can't be reached"));
      }
      if (examples.accept(feedback) instanceof FeedbackOutcome.Refused(String reason)) {
        refused.add(reason);
      }
      return CompletableFuture.completedFuture(new Position(0, offset++));
    }

    @Override
    public OptionalLong lag(String tenant) {
      return away ? OptionalLong.empty() : OptionalLong.of(0);
    }

    @Override
    public synchronized long deadLettered(AdapterId adapter) {
      return refused.size();
    }

    @Override
    public CompletableFuture<Long> redrive(String tenant, int max) {
      return CompletableFuture.completedFuture((long) Math.min(max, refused.size()));
    }
  }

  private RunningLoop(Path folder) throws IOException {
    this.bench = AdapterBench.open(folder);
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
    OpenCalls openCalls = new OpenCalls();
    this.server =
        ServerBuilder.forPort(0)
            .maxInboundMessageSize(INBOUND_BYTES_MAX)
            .addService(
                new InferenceService(
                    bench.engine(),
                    bench.engine(),
                    ServingLimits.DEFAULT,
                    predictions,
                    openCalls,
                    Thread::startVirtualThread))
            .addService(
                new FeedbackService(
                    bench.engine(),
                    ServingLimits.DEFAULT,
                    FeedbackLimits.defaults(),
                    log,
                    examples,
                    pictures,
                    needs(),
                    bench.uploadLimits(),
                    openCalls))
            .addService(
                new TuningService(
                    jobs,
                    examples,
                    bench.registry(),
                    Recipe.SA_PROJ,
                    wakes::incrementAndGet,
                    bench.uploadLimits(),
                    openCalls))
            .intercept(new TenantInterceptor(Tenants.open()))
            .build()
            .start();
    this.channel = ServerChannel.open(address());
  }

  private static TuningNeeds needs() {
    return new TuningNeeds() {
      @Override
      public Set<String> tuned(AdapterId adapter) {
        return Set.of();
      }

      @Override
      public int needed() {
        return 32;
      }
    };
  }

  public static RunningLoop start(Path folder) throws IOException {
    return new RunningLoop(folder);
  }

  public AdapterBench bench() {
    return bench;
  }

  public TuningJobs jobs() {
    return jobs;
  }

  public DirectLog log() {
    return log;
  }

  /** How often a tuner was told to look. */
  public int wakes() {
    return wakes.get();
  }

  /** Asks about a picture for the default tenant, and has the prediction retained. */
  public String predicted(byte[] picture, String question) {
    Message message =
        Message.newBuilder()
            .setRole("user")
            .addParts(
                Part.newBuilder()
                    .setImage(Image.newBuilder().setData(ByteString.copyFrom(picture))))
            .addParts(Part.newBuilder().setText(question))
            .build();
    return InferenceGrpc.newBlockingStub(channel)
        .complete(GenerateRequest.newBuilder().addMessages(message).setRetain(true).build())
        .getPredictionId();
  }

  /** As {@code --server} takes it. */
  public String address() {
    return "localhost:" + server.getPort();
  }

  public <S extends AbstractStub<S>> S as(String tenant, Function<Channel, S> stub) {
    Metadata headers = new Metadata();
    headers.put(TenantInterceptor.HEADER, tenant);
    return stub.apply(channel).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    bench.close();
  }
}
