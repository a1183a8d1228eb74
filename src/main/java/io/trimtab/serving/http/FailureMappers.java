package io.trimtab.serving.http;

import com.fasterxml.jackson.core.JacksonException;
import io.trimtab.error.TrimtabException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Answers a call that failed before it had an answer of its own. */
class FailureMappers {
  // A queue moves on within a step or an answer.
  private static final int RETRY_SECONDS = 1;

  @ServerExceptionMapper({TrimtabException.class, FieldException.class, Exception.class})
  Response failed(Exception failure) {
    return response(HttpFailure.of(failure));
  }

  /** What JAX-RS refuses by itself: no such path, method or media type; a body that is no JSON. */
  @ServerExceptionMapper
  Response refused(WebApplicationException refusal) {
    int status = refusal.getResponse().getStatus();
    if (status >= 500) {
      return response(HttpFailure.of(refusal));
    }
    String message =
        refusal.getCause() instanceof JacksonException json
            ? "The body can't be read: " + json.getOriginalMessage()
            : String.valueOf(refusal.getMessage());
    return response(
        new HttpFailure(
            status, new HttpFailure.ApiError(message, "invalid_request_error", null, null)));
  }

  @ServerExceptionMapper
  Response unreadable(JacksonException unreadable) {
    return response(
        HttpFailure.of(
            TrimtabException.invalid(
                "The body can't be read: " + unreadable.getOriginalMessage())));
  }

  private static Response response(HttpFailure failure) {
    Response.ResponseBuilder response =
        Response.status(failure.status())
            .type(MediaType.APPLICATION_JSON_TYPE)
            .entity(failure.body());
    return switch (failure.status()) {
      case 429, 503 -> response.header(HttpHeaders.RETRY_AFTER, RETRY_SECONDS).build();
      default -> response.build();
    };
  }
}
