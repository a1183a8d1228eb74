package io.trimtab.model.text;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** The functions that transformers gives a chat template. Jinjava finds them by name. */
final class TemplateFunctions {
  // Python's directives and Java's patterns of the same meaning.
  private static final Map<Character, String> PATTERNS =
      Map.ofEntries(
          Map.entry('a', "EEE"),
          Map.entry('A', "EEEE"),
          Map.entry('b', "MMM"),
          Map.entry('B', "MMMM"),
          Map.entry('d', "dd"),
          Map.entry('H', "HH"),
          Map.entry('I', "hh"),
          Map.entry('j', "DDD"),
          Map.entry('m', "MM"),
          Map.entry('M', "mm"),
          Map.entry('p', "a"),
          Map.entry('S', "ss"),
          Map.entry('y', "yy"),
          Map.entry('Y', "yyyy"));

  private TemplateFunctions() {}

  /** Refuses the conversation with the template's words. */
  static String raiseException(String message) {
    throw new RefusedByTemplate(message);
  }

  /** The local date and time in a format of Python's {@code strftime}. */
  static String strftimeNow(String format) {
    return strftime(ZonedDateTime.now(), format);
  }

  static String strftime(ZonedDateTime time, String format) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        text.append(c);
        continue;
      }
      char directive = format.charAt(++i);
      String pattern = PATTERNS.get(directive);
      if (directive == '%') {
        text.append('%');
      } else if (pattern == null) {
        throw new TrimtabException(
            ErrorCode.FAILED_PRECONDITION,
            "strftime_now does not know %%%c; known are %s"
                .formatted(directive, PATTERNS.keySet()));
      } else {
        text.append(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(time));
      }
    }
    return text.toString();
  }
}
