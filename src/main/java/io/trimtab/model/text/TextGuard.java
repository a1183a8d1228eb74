package io.trimtab.model.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps special tokens that a user typed from being special.
 *
 * <p>{@link #protect} puts an invisible mark (the noncharacter U+FDD0) inside each special token's
 * text, and at an edge of the user's text that could complete one together with what a template or
 * a neighbouring part puts beside it. So in a rendered template a special token without a mark in
 * it is the template's own. Ordinary text is left exactly as it is, which templates may rely on.
 * {@link #restore} takes the marks out again. Immutable.
 */
public final class TextGuard {
  private static final char MARK = '\uFDD0';
  // A user's own U+FDD0 or U+FDD1 is written as ESCAPE and a letter.
  private static final char ESCAPE = '\uFDD1';
  private static final char ESCAPED_MARK = 'm';
  private static final char ESCAPED_ESCAPE = 'e';

  private final List<String> contents;
  private final Map<Character, List<String>> byFirst = new HashMap<>();

  /** A guard against these special tokens' texts, each of two characters or more. */
  public TextGuard(List<String> contents) {
    this.contents = List.copyOf(contents);
    for (String content : contents) {
      if (content.length() < 2) {
        throw new IllegalArgumentException(
            "No mark fits inside the special token \"%s\"".formatted(content));
      }
      byFirst.computeIfAbsent(content.charAt(0), first -> new ArrayList<>()).add(content);
    }
  }

  /** The user's text with marks; for a template, and then for {@link #restore}. */
  public String protect(String userText) {
    String text = escape(userText);
    int from = 0;
    int to = text.length();
    while (from < to && Character.isWhitespace(text.charAt(from))) {
      from++;
    }
    while (to > from && Character.isWhitespace(text.charAt(to - 1))) {
      to--;
    }
    if (from == to) {
      return text;
    }
    // Marks go inside the white space, so that a template's trim still finds it.
    String core = text.substring(from, to);
    StringBuilder marked = new StringBuilder(text.length() + 8).append(text, 0, from);
    if (beginsLikeAnEnd(core) || isInside(core)) {
      marked.append(MARK);
    }
    appendBroken(core, marked);
    if (endsLikeABeginning(core)) {
      marked.append(MARK);
    }
    return marked.append(text, to, text.length()).toString();
  }

  /** The text without marks. */
  public static String restore(String marked) {
    if (marked.indexOf(MARK) < 0 && marked.indexOf(ESCAPE) < 0) {
      return marked;
    }
    StringBuilder text = new StringBuilder(marked.length());
    for (int i = 0; i < marked.length(); i++) {
      char c = marked.charAt(i);
      if (c == ESCAPE && i + 1 < marked.length()) {
        i++;
        text.append(marked.charAt(i) == ESCAPED_MARK ? MARK : ESCAPE);
      } else if (c != MARK) {
        text.append(c);
      }
    }
    return text.toString();
  }

  /** The text with marks nowhere, whatever characters are in it. */
  static String escape(String text) {
    if (text.indexOf(MARK) < 0 && text.indexOf(ESCAPE) < 0) {
      return text;
    }
    return text.replace(String.valueOf(ESCAPE), "" + ESCAPE + ESCAPED_ESCAPE)
        .replace(String.valueOf(MARK), "" + ESCAPE + ESCAPED_MARK);
  }

  /** Marks after the first character of every occurrence, overlapping ones too. */
  private void appendBroken(String core, StringBuilder marked) {
    for (int i = 0; i < core.length(); i++) {
      marked.append(core.charAt(i));
      for (String content : byFirst.getOrDefault(core.charAt(i), List.of())) {
        if (core.startsWith(content, i)) {
          marked.append(MARK);
          break;
        }
      }
    }
  }

  private boolean beginsLikeAnEnd(String core) {
    for (String content : contents) {
      for (int length = 1; length < content.length(); length++) {
        if (content.regionMatches(content.length() - length, core, 0, length)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean endsLikeABeginning(String core) {
    for (String content : contents) {
      for (int length = 1; length < content.length(); length++) {
        if (content.regionMatches(0, core, core.length() - length, length)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean isInside(String core) {
    return contents.stream()
        .anyMatch(content -> core.length() < content.length() && content.contains(core));
  }
}
