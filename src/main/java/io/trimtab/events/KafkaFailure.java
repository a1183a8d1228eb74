package io.trimtab.events;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.PlainText;
import io.trimtab.error.TrimtabException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/** What Kafka's refusals mean to a caller. */
final class KafkaFailure {
  private KafkaFailure() {}

  /** INVALID_ARGUMENT for a record that is too large, UNAVAILABLE for all else. */
  static TrimtabException of(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof TrimtabException known) {
      return known;
    }
    if (isTooLarge(cause)) {
      return new TrimtabException(ErrorCode.INVALID_ARGUMENT, reason(cause), cause);
    }
    if (cause instanceof TimeoutException) {
      return new TrimtabException(
          ErrorCode.UNAVAILABLE,
          "The broker has not acknowledged in time; what was sent may still arrive",
          cause);
    }
    return new TrimtabException(
        ErrorCode.UNAVAILABLE, "The broker can't be reached: " + reason(cause), cause);
  }

  static boolean isTooLarge(Throwable failure) {
    return failure instanceof RecordTooLargeException
        || (failure.getCause() != null && isTooLarge(failure.getCause()));
  }

  /** A failure's own words. */
  static String reason(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : PlainText.of(message);
  }
}
