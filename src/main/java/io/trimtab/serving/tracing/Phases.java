package io.trimtab.serving.tracing;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.Completion.Timings;
import io.trimtab.engine.api.Completion.Usage;
import java.util.concurrent.TimeUnit;

/**
 * The phases of a request, one after the other from its beginning: intake (its adapter is loaded,
 * somebody reads it), read, encode pictures, queue, prefill, decode. What took no time, to the
 * microsecond, is left out. Of steps the decode phase tells the number, how full and how long: a
 * step is shared by up to a whole batch of tenants, so it is a span of none of them.
 */
record Phases(Completion completion, Timeline timeline) {
  /**
   * vLLM's latencies, in seconds.
   *
   * @param wholeMicros from the request's coming in to its end
   */
  Attributes latencies(long wholeMicros) {
    Timings timings = completion.timings();
    AttributesBuilder latencies =
        Attributes.builder()
            .put(TraceNames.TIME_IN_QUEUE, seconds(timings.queueMicros()))
            .put(TraceNames.TIME_IN_PREFILL, seconds(timings.prefillMicros()))
            .put(TraceNames.TIME_IN_DECODE, seconds(timings.decodeMicros()))
            .put(TraceNames.END_TO_END, seconds(wholeMicros));
    if (completion.usage().completionTokens() > 0) {
      latencies.put(TraceNames.TIME_TO_FIRST_TOKEN, seconds(firstTokenMicros(timings)));
    }
    return latencies.build();
  }

  private static long firstTokenMicros(Timings timings) {
    return timings.queueMicros()
        + timings.preprocessMicros()
        + timings.visionMicros()
        + timings.prefillMicros();
  }

  /** Writes a span for each below the request's own. */
  void write(Tracer tracer, Span request, DecodeSteps steps) {
    Timings timings = completion.timings();
    Usage usage = completion.usage();
    Writer writer = new Writer(tracer, Context.root().with(request));
    writer.write("intake", timings.intakeMicros(), Attributes.empty());
    writer.write("read", timings.preprocessMicros(), Attributes.empty());
    writer.write(
        "encode pictures",
        usage.imageTokens() == 0 ? 0 : timings.visionMicros(),
        Attributes.of(TraceNames.IMAGE_TOKENS, (long) usage.imageTokens()));
    writer.write("queue", timings.queueMicros() - timings.intakeMicros(), Attributes.empty());
    writer.write(
        "prefill",
        timings.prefillMicros(),
        Attributes.of(
            TraceNames.INPUT_TOKENS,
            (long) usage.promptTokens(),
            TraceNames.CACHED_TOKENS,
            (long) usage.cachedPromptTokens()));
    writer.write(
        "decode",
        timings.decodeMicros(),
        steps.attributes().toBuilder()
            .put(TraceNames.OUTPUT_TOKENS, (long) usage.completionTokens())
            .build());
  }

  private static double seconds(long micros) {
    return micros / 1e6;
  }

  /** Each begins where the one before it ended. */
  private final class Writer {
    private final Tracer tracer;
    private final Context parent;
    private long micros;

    Writer(Tracer tracer, Context parent) {
      this.tracer = tracer;
      this.parent = parent;
    }

    void write(String name, long lastsMicros, Attributes attributes) {
      if (lastsMicros <= 0) {
        return;
      }
      Span phase =
          tracer
              .spanBuilder(name)
              .setParent(parent)
              .setStartTimestamp(timeline.at(1_000 * micros), TimeUnit.NANOSECONDS)
              .setAllAttributes(attributes)
              .startSpan();
      micros += lastsMicros;
      phase.end(timeline.at(1_000 * micros), TimeUnit.NANOSECONDS);
    }
  }
}
