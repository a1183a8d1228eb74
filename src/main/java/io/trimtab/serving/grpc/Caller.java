package io.trimtab.serving.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.trimtab.serving.security.Tenants;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Who makes a call and how long they wait.
 *
 * @param tenant checked against its spelling
 * @param deadline empty when the caller waits for ever
 */
public record Caller(String tenant, Optional<Instant> deadline) {
  /** Set by {@link TenantInterceptor} for every call. */
  static final Context.Key<String> TENANT = Context.keyWithDefault("tenant", Tenants.DEFAULT);

  /** The caller of the call in whose gRPC context this thread is. */
  public static Caller current() {
    Context context = Context.current();
    Deadline deadline = context.getDeadline();
    return new Caller(
        TENANT.get(context),
        deadline == null
            ? Optional.empty()
            : Optional.of(Instant.now().plusNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS))));
  }
}
