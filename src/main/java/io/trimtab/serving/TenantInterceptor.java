package io.trimtab.serving;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GlobalInterceptor;
import io.trimtab.error.TrimtabException;
import jakarta.enterprise.context.ApplicationScoped;

/** Reads a call's tenant from the header {@code x-tenant}; a call without one is the default's. */
@GlobalInterceptor
@ApplicationScoped
public class TenantInterceptor implements ServerInterceptor {
  static final Metadata.Key<String> HEADER =
      Metadata.Key.of("x-tenant", Metadata.ASCII_STRING_MARSHALLER);

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    String header = headers.get(HEADER);
    String tenant = header == null ? Caller.DEFAULT_TENANT : header;
    try {
      NameSyntax.requireTenant(tenant);
    } catch (TrimtabException refusal) {
      StatusRuntimeException error = StatusMapping.toError(refusal);
      call.close(error.getStatus(), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return Contexts.interceptCall(
        Context.current().withValue(Caller.TENANT, tenant), call, headers, next);
  }
}
