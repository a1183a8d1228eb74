package io.trimtab.events;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The text that an HTTP header of a CloudEvent stands for (HTTP protocol binding 1.0, section
 * 3.1.3.2): quotes are taken off, then percent-encoded UTF-8 is decoded, once.
 */
final class HeaderText {
  private static final int HEX = 16;

  private HeaderText() {}

  /**
   * Decodes a value.
   *
   * @throws TrimtabException INVALID_ARGUMENT for what is no such text
   */
  static String decoded(String name, String value) {
    String text = unquoted(value.strip());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        bytes.write(octet(name, text, i));
        i += 2;
      } else {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    return FeedbackData.text("The header " + name, bytes.toByteArray());
  }

  private static int octet(String name, String text, int at) {
    int high = at + 2 < text.length() ? Character.digit(text.charAt(at + 1), HEX) : -1;
    int low = at + 2 < text.length() ? Character.digit(text.charAt(at + 2), HEX) : -1;
    if (high < 0 || low < 0) {
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT,
          "The header %s is %s, expected two hex digits behind each %%"
              .formatted(name, Quoted.of(text)));
    }
    return high * HEX + low;
  }

  private static String unquoted(String value) {
    if (value.length() < 2 || !value.startsWith("\"") || !value.endsWith("\"")) {
      return value;
    }
    StringBuilder text = new StringBuilder(value.length());
    for (int i = 1; i < value.length() - 1; i++) {
      if (value.charAt(i) == '\\' && i + 1 < value.length() - 1) {
        i++;
      }
      text.append(value.charAt(i));
    }
    return text.toString();
  }
}
