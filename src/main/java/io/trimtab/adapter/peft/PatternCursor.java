package io.trimtab.adapter.peft;

import io.trimtab.error.TrimtabException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a parser stands in the text of a pattern. */
final class PatternCursor {
  private final String text;
  private int at;

  PatternCursor(String text) {
    this.text = text;
  }

  boolean atEnd() {
    return at == text.length();
  }

  /** Whether {@code expected} comes next. */
  boolean sees(String expected) {
    return text.startsWith(expected, at);
  }

  /** Moves on by {@code expected} if it comes next. */
  boolean takes(String expected) {
    if (!sees(expected)) {
      return false;
    }
    at += expected.length();
    return true;
  }

  /** The next character, which must be there. */
  char next() {
    char next = text.charAt(at);
    at++;
    return next;
  }

  /** A matcher of what comes next, for {@code lookingAt}. */
  Matcher match(Pattern pattern) {
    return pattern.matcher(text).region(at, text.length());
  }

  /** Moves on to a place that a matcher of {@link #match} found. */
  void skip(int to) {
    at = to;
  }

  TrimtabException wrong(String what) {
    return TrimtabException.invalid(
        "the pattern '%s' %s, at character %d".formatted(Problems.shown(text), what, at));
  }
}
