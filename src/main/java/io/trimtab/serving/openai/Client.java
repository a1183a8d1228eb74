package io.trimtab.serving.openai;

import io.trimtab.serving.Cancellation;
import io.trimtab.serving.http.HttpCaller;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/**
 * Who asks for an answer.
 *
 * @param requestId their own name of the request; empty for none
 * @param cancellation cancels what is attached once they have gone
 */
record Client(String tenant, String requestId, Cancellation cancellation) {
  /** The caller's name of a request, or one made here. */
  static final String REQUEST_ID = "x-request-id";

  /** The client of the call at hand; on its event loop, before anything is waited for. */
  static Client of(HttpCaller caller, RoutingContext call) {
    Cancellation cancellation = new Cancellation();
    call.addEndHandler(_ -> cancellation.cancel());
    return new Client(
        caller.tenant(),
        Optional.ofNullable(call.request().getHeader(REQUEST_ID)).orElse(""),
        cancellation);
  }
}
