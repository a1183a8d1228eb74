package io.trimtab.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.engine.api.Priority;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RequestTicketTest {
  private final AtomicInteger wakes = new AtomicInteger();

  @Test
  void withoutADeadlineTimeNeverRunsOut() {
    RequestTicket ticket = ticket(Optional.empty());
    assertThat(ticket.overdue(ticket.arrivedNanos() + Long.MAX_VALUE / 4)).isNull();
  }

  @Test
  void theDeadlineCountsFromTheArrival() {
    RequestTicket ticket = ticket(Optional.of(Sequences.NOW.plusMillis(250)));
    assertThat(ticket.overdue(ticket.arrivedNanos() + 249_999_999)).isNull();
    TrimtabException reason = ticket.overdue(ticket.arrivedNanos() + 250_000_000);
    assertThat(code(reason)).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(reason).hasMessage("The request r ran out of time after 250 ms");
  }

  @Test
  void aDeadlineInThePastIsOverAtOnce() {
    RequestTicket ticket = ticket(Optional.of(Sequences.NOW.minusSeconds(100)));
    assertThat(code(ticket.overdue(ticket.arrivedNanos()))).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    ticket = ticket(Optional.of(Instant.MIN));
    assertThat(code(ticket.overdue(ticket.arrivedNanos()))).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
  }

  @Test
  void aDeadlineAtTheEndOfTimeIsNone() {
    RequestTicket ticket = ticket(Optional.of(Instant.MAX));
    assertThat(ticket.overdue(ticket.arrivedNanos() + 1_000_000_000_000_000L)).isNull();
  }

  @Test
  void aCancellationWakesAndComesBeforeTheDeadline() {
    RequestTicket ticket = ticket(Optional.of(Sequences.NOW.minusSeconds(1)));
    ticket.cancel();
    assertThat(wakes).hasValue(1);
    assertThat(ticket.cancelled()).isTrue();
    TrimtabException reason = ticket.overdue(ticket.arrivedNanos());
    assertThat(code(reason)).isEqualTo(ErrorCode.CANCELLED);
    assertThat(reason).hasMessage("The request r was cancelled");
  }

  private RequestTicket ticket(Optional<Instant> deadline) {
    return new RequestTicket(
        "r", "t", Priority.INTERACTIVE, deadline, Sequences.NOW, wakes::incrementAndGet);
  }

  private static @Nullable ErrorCode code(@Nullable TrimtabException reason) {
    return reason == null ? null : reason.code();
  }
}
