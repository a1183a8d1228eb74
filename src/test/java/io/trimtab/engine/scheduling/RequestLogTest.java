package io.trimtab.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.engine.api.Priority;
import io.trimtab.engine.api.TraceContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.LogContext;
import org.jboss.logmanager.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is logged of one request can be found by its trace. */
class RequestLogTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  private final Logger logger =
      LogContext.getLogContext().getLogger(RequestLogTest.class.getName());
  private final Heard heard = new Heard();

  @BeforeEach
  void listen() {
    logger.addHandler(heard);
    logger.setUseParentHandlers(false);
  }

  @AfterEach
  void leave() {
    logger.removeHandler(heard);
    logger.setUseParentHandlers(true);
  }

  @Test
  void aFaultIsToldWithItsTraceAndTheNextOneWithout() {
    RequestLog log = new RequestLog(RequestLogTest.class);
    TraceContext trace = TraceContext.read("00-" + TRACE + "-00f067aa0ba902b7-01", null);
    log.error(ticket(trace), "Request r failed", new IllegalStateException("why"));
    log.error(ticket(TraceContext.NONE), "Request s failed", new IllegalStateException("why"));
    assertThat(heard.records)
        .extracting(ExtLogRecord::getMessage)
        .containsExactly("Request r failed (trace " + TRACE + ")", "Request s failed");
    assertThat(heard.records.getFirst().getMdc("traceId")).isEqualTo(TRACE);
    assertThat(heard.records.getLast().getMdc("traceId")).isNull();
    assertThat(heard.records.getFirst().getThrown()).hasMessage("why");
  }

  private static RequestTicket ticket(TraceContext trace) {
    return new RequestTicket(
        "r", "acme", Priority.INTERACTIVE, trace, Optional.empty(), Instant.EPOCH, () -> {});
  }

  private static final class Heard extends ExtHandler {
    private final List<ExtLogRecord> records = new ArrayList<>();

    @Override
    protected void doPublish(ExtLogRecord log) {
      log.copyMdc();
      records.add(log);
    }
  }
}
