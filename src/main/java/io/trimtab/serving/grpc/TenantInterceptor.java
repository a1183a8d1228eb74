package io.trimtab.serving.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GlobalInterceptor;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.security.Tenants;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.spi.Prioritized;
import jakarta.inject.Inject;

/** Reads a call's tenant from its credential, or refuses the call. Health is told to anyone. */
@GlobalInterceptor
@ApplicationScoped
public class TenantInterceptor implements ServerInterceptor, Prioritized {
  public static final Metadata.Key<String> HEADER =
      Metadata.Key.of(Tenants.HEADER, Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private static final String HEALTH = "grpc.health.v1.Health";

  private final Tenants tenants;

  @Inject
  public TenantInterceptor(Tenants tenants) {
    this.tenants = tenants;
  }

  /** Whether nobody looks at who makes the call. */
  static boolean isForAnyone(ServerCall<?, ?> call) {
    return HEALTH.equals(call.getMethodDescriptor().getServiceName());
  }

  /** Around {@link InboundInterceptor}, which asks whose call it is. */
  @Override
  public int getPriority() {
    return InboundInterceptor.PRIORITY + 1;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    if (isForAnyone(call)) {
      return next.startCall(call, headers);
    }
    String tenant;
    try {
      tenant = tenants.of(headers.get(AUTHORIZATION), headers.get(HEADER));
    } catch (TrimtabException refusal) {
      StatusRuntimeException error = StatusMapping.toError(refusal);
      call.close(error.getStatus(), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return Contexts.interceptCall(
        Context.current().withValue(Caller.TENANT, tenant), call, headers, next);
  }
}
