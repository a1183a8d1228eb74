package io.trimtab.serving.grpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.jboss.logging.Logger;

/**
 * The one place where what went wrong becomes a gRPC status, and back. A refusal keeps its code and
 * message. Anything else is INTERNAL with an id that the log carries beside the cause, and nothing
 * of the cause.
 */
public final class StatusMapping {
  private static final Logger LOG = Logger.getLogger(StatusMapping.class);

  // Status messages travel in trailers, for which HTTP/2 peers commonly take 8 KiB; a character may
  // need nine bytes there.
  private static final int MESSAGE_CHARACTERS_MAX = 800;

  private StatusMapping() {}

  public static StatusRuntimeException toError(Throwable failure) {
    return switch (failure) {
      case CompletionException wrapped when wrapped.getCause() != null ->
          toError(wrapped.getCause());
      case TrimtabException refusal ->
          statusOf(refusal.code())
              .withDescription(shortened(String.valueOf(refusal.getMessage())))
              .asRuntimeException();
      case CancellationException _ ->
          Status.CANCELLED.withDescription("The call was cancelled").asRuntimeException();
      default -> unexpected(failure);
    };
  }

  /** What a server's status says, as the refusal that it was. */
  public static TrimtabException toRefusal(Status status) {
    String description = status.getDescription();
    return new TrimtabException(
        codeOf(status.getCode()),
        description == null ? "The server answered " + status.getCode() : description);
  }

  private static StatusRuntimeException unexpected(Throwable failure) {
    String id = UUID.randomUUID().toString();
    LOG.errorf(failure, "Internal error %s", id);
    return Status.INTERNAL
        .withDescription(
            "Internal error %s; the server's log says more under this id".formatted(id))
        .asRuntimeException();
  }

  private static Status statusOf(ErrorCode code) {
    return switch (code) {
      case INVALID_ARGUMENT -> Status.INVALID_ARGUMENT;
      case UNAUTHENTICATED -> Status.UNAUTHENTICATED;
      case NOT_FOUND -> Status.NOT_FOUND;
      case RESOURCE_EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
      case FAILED_PRECONDITION -> Status.FAILED_PRECONDITION;
      case UNAVAILABLE -> Status.UNAVAILABLE;
      case CANCELLED -> Status.CANCELLED;
      case DEADLINE_EXCEEDED -> Status.DEADLINE_EXCEEDED;
      case INTERNAL -> Status.INTERNAL;
    };
  }

  private static ErrorCode codeOf(Status.Code code) {
    return switch (code) {
      case INVALID_ARGUMENT, OUT_OF_RANGE, UNIMPLEMENTED -> ErrorCode.INVALID_ARGUMENT;
      case NOT_FOUND -> ErrorCode.NOT_FOUND;
      case RESOURCE_EXHAUSTED -> ErrorCode.RESOURCE_EXHAUSTED;
      case UNAUTHENTICATED -> ErrorCode.UNAUTHENTICATED;
      case FAILED_PRECONDITION, ALREADY_EXISTS, PERMISSION_DENIED, ABORTED ->
          ErrorCode.FAILED_PRECONDITION;
      case UNAVAILABLE -> ErrorCode.UNAVAILABLE;
      case CANCELLED -> ErrorCode.CANCELLED;
      case DEADLINE_EXCEEDED -> ErrorCode.DEADLINE_EXCEEDED;
      case OK, UNKNOWN, INTERNAL, DATA_LOSS -> ErrorCode.INTERNAL;
    };
  }

  private static String shortened(String message) {
    return message.length() <= MESSAGE_CHARACTERS_MAX
        ? message
        : message.substring(0, MESSAGE_CHARACTERS_MAX) + "…";
  }
}
