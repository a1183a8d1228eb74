package io.trimtab.serving.openai;

import io.trimtab.engine.api.TraceContext;
import io.trimtab.serving.Cancellation;
import io.trimtab.serving.http.HttpCaller;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/**
 * Who asks for an answer.
 *
 * @param requestId their own name of the request; empty for none
 * @param trace what the call is a part of to them
 * @param cancellation cancels what is attached once they have gone
 */
record Client(String tenant, String requestId, TraceContext trace, Cancellation cancellation) {
  /** The caller's name of a request, or one made here. */
  static final String REQUEST_ID = "x-request-id";

  /** The client of the call at hand; on its event loop, before anything is waited for. */
  static Client of(HttpCaller caller, RoutingContext call) {
    Cancellation cancellation = new Cancellation();
    call.addEndHandler(_ -> cancellation.cancel());
    HttpServerRequest request = call.request();
    return new Client(
        caller.tenant(),
        Optional.ofNullable(request.getHeader(REQUEST_ID)).orElse(""),
        TraceContext.read(
            request.getHeader(TraceContext.PARENT_HEADER),
            request.getHeader(TraceContext.STATE_HEADER)),
        cancellation);
  }
}
