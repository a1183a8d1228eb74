package io.trimtab.serving.tracing;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Tracer;
import io.trimtab.adaptation.governor.GovernorEvent;
import io.trimtab.adaptation.governor.GovernorLog;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.engine.api.Generator;
import io.trimtab.engine.api.InferenceEngine;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is told of requests, jobs and the governor. When it is off, requests pass by it altogether.
 */
public final class Tracing {
  private static final String INSTRUMENTATION = "io.trimtab";

  private final @Nullable Tracer tracer;

  private Tracing(@Nullable Tracer tracer) {
    this.tracer = tracer;
  }

  /** Nothing is told. */
  public static Tracing off() {
    return new Tracing(null);
  }

  /**
   * All is told there, or the share of it that its sampler takes.
   *
   * @param telemetry asked for with each span and not before: what is told of is built first
   */
  public static Tracing to(Supplier<OpenTelemetry> telemetry) {
    return new Tracing(name -> telemetry.get().getTracer(INSTRUMENTATION).spanBuilder(name));
  }

  /**
   * The generator with a span for each request.
   *
   * @param engine that serves them: it knows its model and its steps
   */
  public Generator requests(Generator generator, InferenceEngine engine) {
    return tracer == null
        ? generator
        : new TracedGenerator(generator, tracer, engine.model().name(), engine::stepsSince);
  }

  /**
   * Told of every change of a job, makes a span of each that runs here.
   *
   * @param process names this process, as jobs name their owner
   */
  public Consumer<TuningJob> jobs(Supplier<String> process) {
    return tracer == null ? _ -> {} : new JobSpans(tracer, process);
  }

  /** Told of the governor's events, makes a span of each. */
  public GovernorLog governor() {
    Tracer spans = tracer;
    return spans == null ? _ -> {} : (GovernorEvent event) -> GovernorSpan.tell(spans, event);
  }
}
