package io.trimtab.serving.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.StepTimes;
import io.trimtab.error.TrimtabException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * The span of one request, with events where it is admitted and where its first token comes. When
 * the answer is whole, the phases that it went through become spans below. One thread at a time.
 */
final class RequestSpan {
  /** Later than any step: what is asked for since then is the number of the next alone. */
  private static final long NO_STEPS = Long.MAX_VALUE;

  private final Span span;
  private final Tracer tracer;
  private final Timeline timeline;
  private final LongFunction<StepTimes> stepsSince;
  private long firstStep = NO_STEPS;

  /**
   * @param timeline begins where the span does
   * @param stepsSince the engine's decode steps
   */
  RequestSpan(Span span, Tracer tracer, Timeline timeline, LongFunction<StepTimes> stepsSince) {
    this.span = span;
    this.tracer = tracer;
    this.timeline = timeline;
    this.stepsSince = stepsSince;
  }

  void admitted(ServedBy by) {
    span.setAllAttributes(RequestAttributes.of(by));
    span.addEvent("admitted", timeline.present(), TimeUnit.NANOSECONDS);
  }

  /** The steps that decode the answer begin after its first token, which prefill yields. */
  void firstToken() {
    firstStep = stepsSince.apply(NO_STEPS).next();
    span.addEvent("first token", timeline.present(), TimeUnit.NANOSECONDS);
  }

  void finished(Completion completion) {
    long end = timeline.present();
    span.setAllAttributes(RequestAttributes.of(completion));
    Phases phases = new Phases(completion, timeline);
    span.setAllAttributes(phases.latencies((end - timeline.at(0)) / 1_000));
    phases.write(tracer, span, DecodeSteps.of(stepsSince.apply(firstStep)));
    span.end(end, TimeUnit.NANOSECONDS);
  }

  void failed(TrimtabException reason) {
    Failures.tell(span, reason);
    span.end(timeline.present(), TimeUnit.NANOSECONDS);
  }
}
