package io.trimtab.engine.scheduling;

import io.trimtab.engine.api.Priority;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.TraceContext;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request's identity and its end from outside: cancelled by the caller, or out of time. Made when
 * the request comes in, read at every step boundary. Any thread may cancel.
 */
public final class RequestTicket implements RequestHandle {
  private final String requestId;
  private final String tenant;
  private final Priority priority;
  private final TraceContext trace;
  private final long arrivedNanos = System.nanoTime();
  private final long deadlineNanos;
  private final Runnable wake;

  /** What {@link Admission} has counted for it; guarded by that one's lock. */
  List<HeldMemory> held = List.of();

  private volatile boolean cancelled;
  private volatile @Nullable CompletableFuture<?> awaited;

  /** One that nobody follows. */
  public RequestTicket(
      String requestId,
      String tenant,
      Priority priority,
      Optional<Instant> deadline,
      Instant now,
      Runnable wake) {
    this(requestId, tenant, priority, TraceContext.NONE, deadline, now, wake);
  }

  /**
   * @param wake called after a cancellation, so that an idle loop looks
   */
  public RequestTicket(
      String requestId,
      String tenant,
      Priority priority,
      TraceContext trace,
      Optional<Instant> deadline,
      Instant now,
      Runnable wake) {
    this.requestId = requestId;
    this.tenant = tenant;
    this.priority = priority;
    this.trace = trace;
    this.wake = wake;
    this.deadlineNanos =
        deadline
            .map(instant -> arrivedNanos + saturatedNanos(now, instant))
            .orElse(arrivedNanos + Long.MAX_VALUE / 2);
  }

  /** A deadline centuries away must not overflow: more than some 68 years is taken as that. */
  private static long saturatedNanos(Instant from, Instant to) {
    Duration left = Duration.between(from, to);
    long seconds = Math.clamp(left.getSeconds(), -1, Integer.MAX_VALUE);
    return seconds * 1_000_000_000 + left.getNano();
  }

  String requestId() {
    return requestId;
  }

  String tenant() {
    return tenant;
  }

  Priority priority() {
    return priority;
  }

  TraceContext trace() {
    return trace;
  }

  public long arrivedNanos() {
    return arrivedNanos;
  }

  @Override
  public void cancel() {
    cancelled = true;
    CompletableFuture<?> waitedFor = awaited;
    if (waitedFor != null) {
      waitedFor.cancel(false);
    }
    wake.run();
  }

  /** What the request waits for before it can be prepared: ends with the request's own end. */
  void awaits(CompletableFuture<?> future) {
    var _ = future.orTimeout(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    awaited = future;
    if (cancelled) {
      future.cancel(false);
    }
  }

  boolean cancelled() {
    return cancelled;
  }

  /** Why the request must end now, if it must; cancellation first. */
  @Nullable TrimtabException overdue(long nowNanos) {
    if (cancelled) {
      return new TrimtabException(
          ErrorCode.CANCELLED, "The request %s was cancelled".formatted(requestId));
    }
    if (nowNanos - deadlineNanos >= 0) {
      return new TrimtabException(
          ErrorCode.DEADLINE_EXCEEDED,
          "The request %s ran out of time after %d ms"
              .formatted(requestId, (nowNanos - arrivedNanos) / 1_000_000));
    }
    return null;
  }
}
