package io.trimtab.serving.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.trimtab.engine.api.TraceContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The engine's trace context as OpenTelemetry has it, and the other way round. */
final class Traces {
  private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();

  private Traces() {}

  /** The parent of what is done for that place; none for {@link TraceContext#NONE}. */
  static Context parent(TraceContext place) {
    return W3C.extract(Context.root(), place, Headers.INSTANCE);
  }

  /** The place of a span, whether it is recorded or not. */
  static TraceContext place(Span span) {
    Map<String, String> headers = new HashMap<>();
    W3C.inject(
        Context.root().with(span), headers, (carrier, name, value) -> put(carrier, name, value));
    return TraceContext.read(
        headers.get(TraceContext.PARENT_HEADER), headers.get(TraceContext.STATE_HEADER));
  }

  private static void put(@Nullable Map<String, String> headers, String name, String value) {
    if (headers != null) {
      headers.put(name, value);
    }
  }

  private enum Headers implements TextMapGetter<TraceContext> {
    INSTANCE;

    @Override
    public Iterable<String> keys(TraceContext place) {
      return List.of(TraceContext.PARENT_HEADER, TraceContext.STATE_HEADER);
    }

    @Override
    public @Nullable String get(@Nullable TraceContext place, String name) {
      if (place == null) {
        return null;
      }
      return switch (name) {
        case TraceContext.PARENT_HEADER -> place.parent();
        case TraceContext.STATE_HEADER -> place.state();
        default -> null;
      };
    }
  }
}
