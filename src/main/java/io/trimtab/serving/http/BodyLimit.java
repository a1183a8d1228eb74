package io.trimtab.serving.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Refuses bodies that are announced as too large before any of them is read. Quarkus would too, but
 * without a word.
 */
@ApplicationScoped
public class BodyLimit {
  private static final int PRIORITY = 100;

  void register(@Observes Filters filters) {
    filters.register(BodyLimit::look, PRIORITY);
  }

  private static void look(RoutingContext call) {
    String length = call.request().getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null || !isTooLong(length)) {
      call.next();
      return;
    }
    HttpFailure failure = HttpFailure.of(RequestBody.tooLarge());
    if (call.request().version() != HttpVersion.HTTP_2) {
      // What comes is not read, so the connection is of no more use.
      call.response().putHeader(HttpHeaders.CONNECTION, "close");
    }
    call.response().setStatusCode(failure.status());
    call.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
    var _ = call.response().end(Buffer.buffer(failure.json()));
  }

  private static boolean isTooLong(String length) {
    try {
      return Long.parseLong(length) > RequestBody.BYTES_MAX;
    } catch (NumberFormatException _) {
      return true;
    }
  }
}
