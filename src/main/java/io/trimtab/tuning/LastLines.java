package io.trimtab.tuning;

import io.trimtab.error.PlainText;
import java.util.ArrayDeque;
import java.util.Deque;

/** The last lines that a trainer printed, for the message when it dies. Any thread. */
final class LastLines {
  private static final int LINES_MAX = 20;

  /** Guarded by this. */
  private final Deque<String> lines = new ArrayDeque<>();

  synchronized void add(String line) {
    if (line.isBlank()) {
      return;
    }
    if (lines.size() == LINES_MAX) {
      lines.removeFirst();
    }
    lines.addLast(PlainText.of(line));
  }

  synchronized String text() {
    return String.join("\n", lines);
  }
}
