package io.trimtab.serving.tracing;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.Generator;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.StepTimes;
import io.trimtab.engine.api.TraceContext;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * A generator with a span for each request, under the caller's own where it names one. The request
 * goes on as a part of its span, so that the log names the same trace. One that the sampler leaves
 * out costs no more than that. Any thread; nothing here blocks.
 */
final class TracedGenerator implements Generator {
  private final Generator generator;
  private final Tracer tracer;
  private final String model;
  private final LongFunction<StepTimes> stepsSince;

  /**
   * @param model name of the base model
   * @param stepsSince see {@link io.trimtab.engine.api.InferenceEngine#stepsSince}
   */
  TracedGenerator(
      Generator generator, Tracer tracer, String model, LongFunction<StepTimes> stepsSince) {
    this.generator = generator;
    this.tracer = tracer;
    this.model = model;
    this.stepsSince = stepsSince;
  }

  @Override
  public RequestHandle generate(GenerationRequest request, GenerationListener listener) {
    Timeline timeline = Timeline.now();
    Attributes asked = RequestAttributes.of(request, model);
    Span span =
        tracer
            .spanBuilder(
                asked.get(TraceNames.OPERATION) + " " + asked.get(TraceNames.REQUEST_MODEL))
            .setSpanKind(SpanKind.SERVER)
            .setParent(Traces.parent(request.origin().trace()))
            .setStartTimestamp(timeline.at(0), TimeUnit.NANOSECONDS)
            .setAllAttributes(asked)
            .startSpan();
    TraceContext place = Traces.place(span);
    GenerationRequest placed =
        place.parent().isEmpty() ? request : request.from(request.origin().within(place));
    if (!span.isRecording()) {
      return generator.generate(placed, listener);
    }
    RequestSpan traced = new RequestSpan(span, tracer, timeline, stepsSince);
    try {
      return generator.generate(placed, new TracedListener(traced, listener));
    } catch (TrimtabException refusal) {
      traced.failed(refusal);
      throw refusal;
    } catch (RuntimeException | Error failure) {
      traced.failed(new TrimtabException(ErrorCode.INTERNAL, failure.toString(), failure));
      throw failure;
    }
  }
}
