package io.trimtab.serving.tracing;

import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.trimtab.testing.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What operators run to receive traces, as far as a server notices; the server is told of it. */
public final class SpanReceiver implements QuarkusTestResourceLifecycleManager {
  private static final long PATIENCE_SECONDS = 60;

  private final BlockingQueue<Span> received = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> services = new LinkedBlockingQueue<>();
  private @Nullable Server server;
  private int port;

  @Override
  public Map<String, String> start() {
    try {
      port = FreePort.find();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    back();
    return Map.of(
        "trimtab.tracing.endpoint",
        "http://127.0.0.1:" + port,
        "quarkus.otel.bsp.schedule.delay",
        "50ms");
  }

  /** Nobody listens from now on. */
  void away() {
    stop();
  }

  /** It listens, where it did before. */
  void back() {
    try {
      server = ServerBuilder.forPort(port).addService(new Receiving()).build().start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(this, new TestInjector.MatchesType(SpanReceiver.class));
  }

  @Override
  public void stop() {
    Server running = server;
    if (running != null) {
      try {
        var _ = running.shutdownNow().awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The next span that is asked for, waited for; those before it are forgotten. */
  Span next(Predicate<Span> asked) throws InterruptedException {
    while (true) {
      Span span = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (span == null) {
        throw new AssertionError("The span did not come within %d s".formatted(PATIENCE_SECONDS));
      }
      if (asked.test(span)) {
        return span;
      }
    }
  }

  /** What the sender calls itself. */
  String service() throws InterruptedException {
    String service = services.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (service == null) {
      throw new AssertionError("Nothing came");
    }
    return service;
  }

  private final class Receiving extends TraceServiceGrpc.TraceServiceImplBase {
    @Override
    public void export(
        ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> observer) {
      for (ResourceSpans resource : request.getResourceSpansList()) {
        resource.getResource().getAttributesList().stream()
            .filter(attribute -> attribute.getKey().equals("service.name"))
            .forEach(attribute -> services.add(attribute.getValue().getStringValue()));
        for (ScopeSpans scope : resource.getScopeSpansList()) {
          received.addAll(scope.getSpansList());
        }
      }
      observer.onNext(ExportTraceServiceResponse.getDefaultInstance());
      observer.onCompleted();
    }
  }
}
