package io.trimtab.serving.finetuning;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.trimtab.adaptation.feedback.FeedbackCheck;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.files.FileLimits;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Training files, read line by line: empty lines count and hold nothing, every other holds a {@link
 * ChatLine}. All of a line is checked as feedback is, its pictures decoded. Refusals are
 * INVALID_ARGUMENT and begin with the line's number. Any thread.
 */
final class ChatFile {
  /** JSON tokens of a line: far more than messages need, far fewer than memory holds. */
  private static final long LINE_TOKENS_MAX = 1 << 20;

  private final FileLimits limits;
  private final FeedbackCheck check;
  private final JsonMapper json;

  ChatFile(FileLimits limits, FeedbackLimits feedbackLimits) {
    this.limits = limits;
    this.check = new FeedbackCheck(feedbackLimits);
    JsonFactory factory =
        JsonFactory.builder()
            // A picture is one string; its own limit comes after.
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxStringLength(Math.toIntExact(Math.min(limits.bytesMax(), 1 << 30)))
                    .maxTokenCount(LINE_TOKENS_MAX)
                    .build())
            .build();
    this.json =
        JsonMapper.builder(factory)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
  }

  /**
   * Reads a file, which stays open.
   *
   * @param each takes the answers, in their order; what it refuses is refused with the line
   * @return lines that hold an example
   */
  int read(InputStream file, Consumer<ChatAnswer> each) throws IOException {
    InputStream in = new BufferedInputStream(file, 1 << 16);
    int examples = 0;
    boolean more = true;
    for (int number = 1; more; number++) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      more = next(in, bytes);
      try {
        String line = text(bytes.toByteArray());
        if (line.isBlank()) {
          continue;
        }
        if (++examples > limits.linesMax()) {
          throw TrimtabException.invalid(
              "one more than the %d examples that a file may have".formatted(limits.linesMax()));
        }
        answers(number, line, each);
      } catch (TrimtabException e) {
        throw new TrimtabException(e.code(), "line %d: %s".formatted(number, e.getMessage()), e);
      }
    }
    if (examples == 0) {
      throw TrimtabException.invalid("The file is empty, expected a line of JSON for each example");
    }
    return examples;
  }

  private void answers(int number, String line, Consumer<ChatAnswer> each) {
    try {
      for (ChatAnswer answer : ChatLine.answers(number, json.readTree(line))) {
        check.check(FileCorrections.unnamed(answer));
        each.accept(answer);
      }
    } catch (JsonProcessingException e) {
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT,
          "not JSON of an example (column %d): %s"
              .formatted(
                  e.getLocation() == null ? 1 : e.getLocation().getColumnNr(),
                  e.getOriginalMessage()),
          e);
    }
  }

  /** Up to the next line's beginning; false at the end of the file. */
  private static boolean next(InputStream in, ByteArrayOutputStream line) throws IOException {
    for (int read = in.read(); read >= 0; read = in.read()) {
      if (read == '\n') {
        return true;
      }
      line.write(read);
    }
    return false;
  }

  private static String text(byte[] line) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
    } catch (CharacterCodingException e) {
      throw new TrimtabException(ErrorCode.INVALID_ARGUMENT, "not UTF-8", e);
    }
  }
}
