package io.trimtab.adapter.peft;

import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What is wrong with an upload: the first few in words, the rest as a count. */
final class Problems {
  private static final int WORDED_MAX = 8;
  private static final int SHOWN_MAX = 160;

  private final List<String> worded = new ArrayList<>();
  private int count;

  void add(String problem) {
    count++;
    if (worded.size() < WORDED_MAX) {
      worded.add(problem);
    }
  }

  void add(TrimtabException refusal) {
    add(words(refusal));
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** The first problems, and last how many more there are. */
  List<String> list() {
    List<String> all = new ArrayList<>(worded);
    if (count > worded.size()) {
      all.add("and %d more".formatted(count - worded.size()));
    }
    return List.copyOf(all);
  }

  /** What a refusal says. */
  static String words(TrimtabException refusal) {
    return Objects.requireNonNullElse(refusal.getMessage(), refusal.code().name());
  }

  /** Text of an upload as it may stand in a message: of bounded length, one line, printable. */
  static String shown(String text) {
    return shown(text, SHOWN_MAX);
  }

  /** The same of up to {@code max} characters. */
  static String shown(String text, int max) {
    String cut = text.length() <= max ? text : text.substring(0, max) + "…";
    StringBuilder printable = new StringBuilder(cut.length());
    cut.codePoints()
        .map(point -> Character.isISOControl(point) || isUnseen(point) ? '?' : point)
        .forEach(printable::appendCodePoint);
    return printable.toString();
  }

  /** Marks that reorder or hide text in a terminal, line ends, halves of a pair. */
  private static boolean isUnseen(int point) {
    return switch (Character.getType(point)) {
      case Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }
}
