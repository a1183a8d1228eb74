package io.trimtab.tuning;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Lines of a stream that may hold anything, in memory that has a bound. */
final class LineReader {
  /** What a line has beyond this is dropped. */
  static final int LINE_BYTES_MAX = 8192;

  private LineReader() {}

  /** Reads to the end of the stream; one that breaks has ended. */
  static void readAll(InputStream stream, Consumer<String> lines) {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try (BufferedInputStream bytes = new BufferedInputStream(stream)) {
      for (int next = bytes.read(); next >= 0; next = bytes.read()) {
        if (next == '\n') {
          lines.accept(line.toString(StandardCharsets.UTF_8));
          line.reset();
        } else if (line.size() < LINE_BYTES_MAX) {
          line.write(next);
        }
      }
    } catch (IOException e) {
      // The process was killed while its pipe was read.
    }
    if (line.size() > 0) {
      lines.accept(line.toString(StandardCharsets.UTF_8));
    }
  }
}
