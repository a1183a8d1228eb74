package io.trimtab.engine.scheduling;

import org.jboss.logging.MDC;

/**
 * Lines of the log about one request. They end in the request's trace, where it has one, and carry
 * it as {@value #TRACE_ID} for logs that are read by programs. Any thread.
 */
final class RequestLog {
  /** As OpenTelemetry's bridges to logs call it. */
  static final String TRACE_ID = "traceId";

  private final System.Logger log;

  RequestLog(Class<?> writer) {
    this.log = System.getLogger(writer.getName());
  }

  /** The request met a fault of ours. */
  void error(RequestTicket ticket, String what, Throwable cause) {
    ticket
        .trace()
        .traceId()
        .ifPresentOrElse(
            trace -> {
              MDC.put(TRACE_ID, trace);
              try {
                log.log(System.Logger.Level.ERROR, what + " (trace " + trace + ")", cause);
              } finally {
                MDC.remove(TRACE_ID);
              }
            },
            () -> log.log(System.Logger.Level.ERROR, what, cause));
  }
}
