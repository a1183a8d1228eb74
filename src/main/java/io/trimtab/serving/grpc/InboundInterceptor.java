package io.trimtab.serving.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.spi.Prioritized;
import java.util.Optional;

/**
 * Lets {@link InboundMessages} end calls, and tells it what has been handed on. Calls of servers
 * without it pass.
 */
@GlobalInterceptor
@ApplicationScoped
public class InboundInterceptor implements ServerInterceptor, Prioritized {
  /** Inside of {@link TenantInterceptor}, around the others of ours. */
  static final int PRIORITY = 1;

  /** No tenant's name: whoever needs no key has a share of their own. */
  private static final String ANYONE = "";

  @Override
  public int getPriority() {
    return PRIORITY;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    Optional<InboundCall> current = InboundCall.current();
    if (current.isEmpty()) {
      return next.startCall(call, headers);
    }
    InboundCall inbound = current.get();
    inbound.begin(TenantInterceptor.isForAnyone(call) ? ANYONE : Caller.TENANT.get(), call);
    return new GuardedListener<>(
        next.startCall(new GuardedCall<>(call, inbound), headers),
        inbound,
        call.getMethodDescriptor().getType());
  }
}
