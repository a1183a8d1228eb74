package io.trimtab.tuning;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.PlainText;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.TuningEvent.Failed;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/** Codes for what goes wrong in a trainer, by what PyTorch and the JVM say. */
final class Failures {
  /** Keeps an event within the bytes that a pipe takes whole, whatever is escaped in it. */
  private static final int MESSAGE_MAX = 600;

  /** What an operator can do about it. */
  static final String MORE_MEMORY =
      "expected more of it, or less use: trimtab.tuning.micro-batch-size and heap-bytes-max";

  private Failures() {}

  static Failed of(Throwable thrown) {
    Throwable told =
        Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
            .filter(each -> each instanceof TrimtabException || each instanceof OutOfMemoryError)
            .findFirst()
            .orElse(thrown);
    if (told instanceof TrimtabException refusal) {
      return failed(refusal.code(), message(refusal));
    }
    String said = told instanceof OutOfMemoryError ? told.toString() : saidByAll(thrown);
    if (saysOutOfMemory(said)) {
      return failed(
          ErrorCode.RESOURCE_EXHAUSTED,
          "The trainer ran out of memory, %s. It said: %s".formatted(MORE_MEMORY, said));
    }
    if (saysDevice(said)) {
      return failed(ErrorCode.UNAVAILABLE, "The trainer's device failed: " + said);
    }
    return failed(ErrorCode.INTERNAL, "The trainer failed: " + said);
  }

  /** Whether a text tells of memory that was not there, on the host or on a device. */
  static boolean saysOutOfMemory(String said) {
    String text = said.toLowerCase(Locale.ROOT);
    return text.contains("outofmemory")
        || text.contains("out of memory")
        || text.contains("not enough memory")
        || text.contains("insufficient memory")
        || text.contains("can't allocate memory")
        || text.contains("cannot allocate memory")
        || text.contains("bad_alloc");
  }

  private static boolean saysDevice(String said) {
    String text = said.toLowerCase(Locale.ROOT);
    return text.contains("cuda") || text.contains("cudnn") || text.contains("nvidia");
  }

  private static String saidByAll(Throwable thrown) {
    return String.join(
        "; ",
        Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
            .map(Throwable::toString)
            .distinct()
            .toList());
  }

  private static String message(TrimtabException refusal) {
    return Objects.requireNonNullElse(refusal.getMessage(), refusal.code().name());
  }

  private static Failed failed(ErrorCode code, String message) {
    String plain = PlainText.of(message.replace('\n', ' '));
    int length = Math.min(plain.length(), MESSAGE_MAX);
    return new Failed(code, plain.substring(0, length));
  }
}
