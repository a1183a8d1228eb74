package io.trimtab.cli.terminal;

import io.trimtab.error.PlainText;
import java.util.ArrayList;
import java.util.List;

/** Sentences as lines that fit a terminal. */
public final class WrappedText {
  /** Characters of a line; a word that is longer has a line to itself. */
  static final int WIDTH = 80;

  private WrappedText() {}

  /**
   * Breaks between words, and not before a percent sign.
   *
   * @param indent before every line
   */
  public static List<String> lines(String indent, String text) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : PlainText.of(text).strip().split(" +(?!%)")) {
      if (!line.isEmpty() && indent.length() + line.length() + 1 + word.length() > WIDTH) {
        lines.add(indent + line);
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(indent + line);
    return lines;
  }

  /** Breaks between words, and within a word where it alone is wider. */
  public static List<String> lines(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.strip().split(" +")) {
      String rest = word;
      if (!line.isEmpty() && line.length() + 1 + rest.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      while (rest.length() > width) {
        lines.add(rest.substring(0, width));
        rest = rest.substring(width);
      }
      line.append(line.isEmpty() ? "" : " ").append(rest);
    }
    lines.add(line.toString());
    return lines;
  }
}
