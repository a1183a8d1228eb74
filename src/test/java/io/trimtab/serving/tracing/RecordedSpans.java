package io.trimtab.serving.tracing;

import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.List;

/** A tracing whose spans are kept here, in the order of their ends. */
public final class RecordedSpans {
  private final InMemorySpanExporter exporter = InMemorySpanExporter.create();

  /** Traces all but what its caller does not trace. */
  public Tracing tracing() {
    OpenTelemetrySdk telemetry =
        OpenTelemetrySdk.builder()
            .setTracerProvider(
                SdkTracerProvider.builder()
                    .setSampler(Sampler.parentBased(Sampler.alwaysOn()))
                    .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                    .build())
            .build();
    return Tracing.to(() -> telemetry);
  }

  /** All so far. */
  public List<SpanData> all() {
    return exporter.getFinishedSpanItems();
  }

  /** The one of that name. */
  public SpanData named(String name) {
    List<SpanData> found = all().stream().filter(span -> span.getName().equals(name)).toList();
    if (found.size() != 1) {
      throw new AssertionError("Expected one span '%s', got %s".formatted(name, all()));
    }
    return found.getFirst();
  }

  /** Those right below another, by their beginning. */
  public List<SpanData> below(SpanData parent) {
    return all().stream()
        .filter(span -> span.getParentSpanId().equals(parent.getSpanId()))
        .sorted(java.util.Comparator.comparingLong(SpanData::getStartEpochNanos))
        .toList();
  }
}
