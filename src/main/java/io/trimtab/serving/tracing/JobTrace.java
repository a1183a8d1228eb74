package io.trimtab.serving.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.trimtab.adaptation.job.JobState;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adapter.GateReport;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One run of a tuning job: a span from its asking to its end, and below it one for each phase:
 * waiting, laying out the data (until the trainer's first update is heard of), training, being
 * evaluated, being published. Its caller keeps threads apart.
 */
final class JobTrace {
  /** What a job does now, in order. */
  private enum Phase {
    LAY_OUT("lay out"),
    TRAIN("train"),
    EVALUATE("evaluate"),
    PUBLISH("publish");

    private final String text;

    Phase(String text) {
      this.text = text;
    }

    static Phase of(TuningJob job) {
      if (job.gate() != null) {
        return PUBLISH;
      }
      return job.state() == JobState.EVALUATING
          ? EVALUATE
          : job.progress().step() > 0 ? TRAIN : LAY_OUT;
    }
  }

  private final Tracer tracer;
  private final Span span;
  private final Context below;
  private Phase phase;
  private Span running;

  private JobTrace(Tracer tracer, Span span, TuningJob job) {
    this.tracer = tracer;
    this.span = span;
    this.below = Context.root().with(span);
    this.phase = Phase.of(job);
    this.running = begin(phase.text, job.updated());
  }

  /** Of a job that has just been taken. */
  static JobTrace begin(Tracer tracer, TuningJob job) {
    Span span =
        tracer
            .spanBuilder("tune " + job.adapter().name())
            .setParent(Context.root())
            .setStartTimestamp(job.created())
            .setAttribute(TraceNames.TENANT, job.adapter().tenant())
            .setAttribute(TraceNames.ADAPTER, job.adapter().name())
            .setAttribute(TraceNames.JOB_ID, job.id())
            .setAttribute(TraceNames.RECIPE, job.recipe())
            .setAttribute(TraceNames.TRIGGER, job.trigger().wireName())
            .startSpan();
    JobTrace trace = new JobTrace(tracer, span, job);
    trace.begin("wait", job.created()).end(job.updated());
    return trace;
  }

  /** It is at another version, or has made progress. */
  void changed(TuningJob job) {
    Phase now = Phase.of(job);
    // Only onwards: a version that is kept may know of less progress than was heard.
    if (now.compareTo(phase) > 0) {
      Instant time = Instant.now();
      running.end(time);
      phase = now;
      running = begin(now.text, time);
    }
  }

  /** It has ended, or another process has it. */
  void end(TuningJob job) {
    changed(job);
    span.setAttribute(TraceNames.JOB_STATE, job.state().name().toLowerCase(Locale.ROOT));
    span.setAttribute(TraceNames.EXAMPLES, (long) job.counts().all());
    span.setAttribute(TraceNames.UPDATES, (long) job.progress().step());
    span.setAttribute(TraceNames.VALIDATION_LOSS, job.progress().validationLoss());
    span.setAttribute(TraceNames.REVISION, (long) job.publishedRevision());
    @Nullable GateReport gate = job.gate();
    if (gate != null) {
      span.setAttribute(TraceNames.VERDICT, gate.verdict().name().toLowerCase(Locale.ROOT));
    }
    if (job.state() == JobState.FAILED) {
      span.setStatus(StatusCode.ERROR, job.error());
      span.setAttribute(TraceNames.ERROR_TYPE, "failed");
    }
    running.end();
    span.end();
  }

  private Span begin(String name, Instant time) {
    return tracer.spanBuilder(name).setParent(below).setStartTimestamp(time).startSpan();
  }
}
