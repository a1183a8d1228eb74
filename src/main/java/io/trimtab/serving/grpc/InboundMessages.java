package io.trimtab.serving.grpc;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.trimtab.serving.InboundBudget;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The messages on their way in over gRPC, of all calls. A server gets this as its tracers' factory
 * and {@link InboundInterceptor} behind {@link TenantInterceptor}; without either nothing is
 * bounded. Any thread.
 */
public final class InboundMessages extends ServerStreamTracer.Factory {
  /**
   * What calls may be sent after they were ended and before their clients can know, together. An
   * end waits behind answers that the client doesn't take, and until it is sent, all that comes is
   * kept.
   */
  static final int PASSED_OVER_BYTES_MAX = 16 << 20;

  private final InboundBudget budget;
  private final LongSupplier nanos;
  private final Set<InboundCall> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong passedOver = new AtomicLong();

  /**
   * @param budget what they may hold together until they are handed on
   * @param nanos tells the time, as {@link System#nanoTime}
   */
  public InboundMessages(InboundBudget budget, LongSupplier nanos) {
    this.budget = budget;
    this.nanos = nanos;
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
    return new InboundCall(this);
  }

  /**
   * Ends the calls whose message has been waited for too long. To be called every few seconds: a
   * timer for each message would cost more than most messages.
   */
  public void look() {
    open.forEach(InboundCall::look);
  }

  InboundBudget budget() {
    return budget;
  }

  long nowNanos() {
    return nanos.getAsLong();
  }

  void began(InboundCall call) {
    open.add(call);
  }

  void ended(InboundCall call) {
    open.remove(call);
  }

  /** Counts what has come for calls that were ended; false where it is too much. */
  boolean passOver(long bytes) {
    return passedOver.addAndGet(bytes) <= PASSED_OVER_BYTES_MAX;
  }
}
