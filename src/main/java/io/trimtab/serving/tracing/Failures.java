package io.trimtab.serving.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.Locale;

/**
 * How a failure is told. What the caller brought about has a type and leaves the span's status
 * alone, as OpenTelemetry has it for servers; its message may quote the request, and is left out.
 */
final class Failures {
  private Failures() {}

  static void tell(Span span, TrimtabException reason) {
    span.setAttribute(TraceNames.ERROR_TYPE, type(reason.code()));
    switch (reason.code()) {
      case INVALID_ARGUMENT, UNAUTHENTICATED, NOT_FOUND, FAILED_PRECONDITION, CANCELLED -> {}
      case RESOURCE_EXHAUSTED, UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL ->
          span.setStatus(StatusCode.ERROR, String.valueOf(reason.getMessage()));
    }
  }

  /** As the label {@code code} of the metrics has it. */
  private static String type(ErrorCode code) {
    return code.name().toLowerCase(Locale.ROOT);
  }
}
