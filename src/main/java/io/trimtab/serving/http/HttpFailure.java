package io.trimtab.serving.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The one place where what went wrong becomes an HTTP status and a body in OpenAI's shape. A
 * refusal keeps its message. Anything else is 500 with an id that the log carries beside the cause,
 * and nothing of the cause.
 *
 * @param status HTTP's
 * @param error what the body says
 */
public record HttpFailure(int status, ApiError error) {
  private static final Logger LOG = Logger.getLogger(HttpFailure.class);

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int REQUEST_TIMEOUT = 408;
  private static final int CONTENT_TOO_LARGE = 413;

  // Nginx' number for a client that has gone: no one reads it, but the access log tells it apart.
  private static final int CLIENT_CLOSED_REQUEST = 499;

  /**
   * OpenAI's error object.
   *
   * @param message what was expected and what came
   * @param type a class of errors, such as {@code invalid_request_error}
   * @param param the field that is at fault, null where there is none
   * @param code what a program tells errors apart by
   */
  public record ApiError(
      String message, String type, @Nullable String param, @Nullable String code) {}

  /** The body: {@code {"error": {…}}}. */
  public record Body(@JsonProperty("error") ApiError error) {}

  /** How a failure is told. */
  public static HttpFailure of(Throwable failure) {
    return switch (failure) {
      case CompletionException wrapped when wrapped.getCause() != null -> of(wrapped.getCause());
      case FieldException field -> of(field.refusal(), field.param());
      case TrimtabException refusal -> of(refusal, null);
      case CancellationException _ ->
          new HttpFailure(
              CLIENT_CLOSED_REQUEST,
              new ApiError("The call was cancelled", "cancelled_error", null, "cancelled"));
      case BodyTooLarge large ->
          new HttpFailure(
              CONTENT_TOO_LARGE,
              new ApiError(
                  String.valueOf(large.getMessage()),
                  type(ErrorCode.INVALID_ARGUMENT),
                  null,
                  "body_too_large"));
      case BodyStalled stalled ->
          new HttpFailure(
              REQUEST_TIMEOUT,
              new ApiError(
                  String.valueOf(stalled.getMessage()),
                  type(ErrorCode.INVALID_ARGUMENT),
                  null,
                  "body_stalled"));
      default -> unexpected(failure);
    };
  }

  /** The body that says it. */
  public Body body() {
    return new Body(error);
  }

  /** The same as JSON, for where nobody else writes it. */
  public byte[] json() {
    try {
      return JSON.writeValueAsBytes(body());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Texts can be written", e);
    }
  }

  private static HttpFailure of(TrimtabException refusal, @Nullable String param) {
    return new HttpFailure(
        status(refusal.code()),
        new ApiError(
            String.valueOf(refusal.getMessage()),
            type(refusal.code()),
            param,
            code(refusal.code(), param)));
  }

  private static HttpFailure unexpected(Throwable failure) {
    String id = UUID.randomUUID().toString();
    LOG.errorf(failure, "Internal error %s", id);
    return new HttpFailure(
        500,
        new ApiError(
            "Internal error %s; the server's log says more under this id".formatted(id),
            type(ErrorCode.INTERNAL),
            null,
            "internal"));
  }

  private static int status(ErrorCode code) {
    return switch (code) {
      case INVALID_ARGUMENT -> 400;
      case UNAUTHENTICATED -> 401;
      case NOT_FOUND -> 404;
      case FAILED_PRECONDITION -> 409;
      case RESOURCE_EXHAUSTED -> 429;
      case CANCELLED -> CLIENT_CLOSED_REQUEST;
      case INTERNAL -> 500;
      case UNAVAILABLE -> 503;
      case DEADLINE_EXCEEDED -> 504;
    };
  }

  private static String type(ErrorCode code) {
    return switch (code) {
      case INVALID_ARGUMENT, FAILED_PRECONDITION -> "invalid_request_error";
      case UNAUTHENTICATED -> "authentication_error";
      case NOT_FOUND -> "NotFoundError";
      case RESOURCE_EXHAUSTED -> "rate_limit_error";
      case CANCELLED -> "cancelled_error";
      case INTERNAL, UNAVAILABLE, DEADLINE_EXCEEDED -> "server_error";
    };
  }

  private static String code(ErrorCode code, @Nullable String param) {
    return switch (code) {
      case INVALID_ARGUMENT -> "invalid_value";
      case UNAUTHENTICATED -> "invalid_api_key";
      case NOT_FOUND -> "model".equals(param) ? "model_not_found" : "not_found";
      case FAILED_PRECONDITION -> "failed_precondition";
      case RESOURCE_EXHAUSTED -> "rate_limit_exceeded";
      case CANCELLED -> "cancelled";
      case INTERNAL -> "internal";
      case UNAVAILABLE -> "unavailable";
      case DEADLINE_EXCEEDED -> "deadline_exceeded";
    };
  }
}
