package io.trimtab.serving.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.trimtab.engine.api.TraceContext;
import io.trimtab.serving.security.Tenants;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Who makes a call, how long they wait, and of what it is a part to them.
 *
 * @param tenant checked against its spelling
 * @param deadline empty when the caller waits for ever
 * @param trace of theirs
 */
public record Caller(String tenant, Optional<Instant> deadline, TraceContext trace) {
  /** Set by {@link TraceInterceptor} for calls that are a part of something. */
  static final Context.Key<TraceContext> TRACE = Context.keyWithDefault("trace", TraceContext.NONE);

  /** Set by {@link TenantInterceptor} for every call. */
  static final Context.Key<String> TENANT = Context.keyWithDefault("tenant", Tenants.DEFAULT);

  /** One that is followed by nobody. */
  public Caller(String tenant, Optional<Instant> deadline) {
    this(tenant, deadline, TraceContext.NONE);
  }

  /** The caller of the call in whose gRPC context this thread is. */
  public static Caller current() {
    Context context = Context.current();
    Deadline deadline = context.getDeadline();
    return new Caller(
        TENANT.get(context),
        deadline == null
            ? Optional.empty()
            : Optional.of(Instant.now().plusNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS))),
        TRACE.get(context));
  }
}
