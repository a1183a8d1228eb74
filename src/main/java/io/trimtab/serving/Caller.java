package io.trimtab.serving;

import io.grpc.Context;
import io.grpc.Deadline;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Who makes a call and how long they wait.
 *
 * @param tenant checked against {@link NameSyntax}
 * @param deadline empty when the caller waits for ever
 */
record Caller(String tenant, Optional<Instant> deadline) {
  static final String DEFAULT_TENANT = "default";

  /** Set by {@link TenantInterceptor} for every call. */
  static final Context.Key<String> TENANT = Context.keyWithDefault("tenant", DEFAULT_TENANT);

  /** The caller of the call in whose gRPC context this thread is. */
  static Caller current() {
    Context context = Context.current();
    Deadline deadline = context.getDeadline();
    return new Caller(
        TENANT.get(context),
        deadline == null
            ? Optional.empty()
            : Optional.of(Instant.now().plusNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS))));
  }
}
