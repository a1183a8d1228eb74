package io.trimtab.serving.tracing;

import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.trimtab.adaptation.governor.GovernorEvent;
import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.Served;
import java.util.Locale;

/**
 * A signal of drift and what the governor did about it: a span without duration, of its own trace.
 */
final class GovernorSpan {
  private GovernorSpan() {}

  static void tell(Tracer tracer, GovernorEvent event) {
    DriftSignal signal = event.signal();
    Served served = signal.served();
    tracer
        .spanBuilder("governor " + event.action().wireName())
        .setParent(Context.root())
        .setStartTimestamp(event.time())
        .setAttribute(TraceNames.TENANT, served.id().tenant())
        .setAttribute(TraceNames.ADAPTER, served.id().name())
        .setAttribute(TraceNames.REVISION, (long) served.revision())
        .setAttribute(TraceNames.SCALE, RequestAttributes.decimal(served.scale()))
        .setAttribute(TraceNames.ACTION, event.action().wireName())
        .setAttribute(TraceNames.OUTCOME, event.outcome().name().toLowerCase(Locale.ROOT))
        .setAttribute(TraceNames.REASON, event.reason())
        .setAttribute(TraceNames.DRIFT_METRIC, signal.metric())
        .setAttribute(TraceNames.DRIFT_LEVEL, signal.level().name().toLowerCase(Locale.ROOT))
        .startSpan()
        .end(event.time());
  }
}
