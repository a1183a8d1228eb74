package io.trimtab.serving.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.quarkus.grpc.GlobalInterceptor;
import io.trimtab.engine.api.TraceContext;
import jakarta.enterprise.context.ApplicationScoped;

/** Reads what trace a call is a part of, for {@link Caller#current}. */
@GlobalInterceptor
@ApplicationScoped
public class TraceInterceptor implements ServerInterceptor {
  static final Metadata.Key<String> PARENT =
      Metadata.Key.of(TraceContext.PARENT_HEADER, Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<String> STATE =
      Metadata.Key.of(TraceContext.STATE_HEADER, Metadata.ASCII_STRING_MARSHALLER);

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    TraceContext trace = TraceContext.read(headers.get(PARENT), headers.get(STATE));
    return trace.parent().isEmpty()
        ? next.startCall(call, headers)
        : Contexts.interceptCall(
            Context.current().withValue(Caller.TRACE, trace), call, headers, next);
  }
}
