package io.trimtab.error;

/** Text from elsewhere, made to show on a terminal or in a log and do nothing to it. */
public final class PlainText {
  private PlainText() {}

  /** The text with '?' for each character that does something other than to show itself. */
  public static String of(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    text.codePoints().forEach(c -> plain.appendCodePoint(shows(c) ? c : '?'));
    return plain.toString();
  }

  /** Whether all of it shows itself: no controls, line ends, or marks that turn the writing. */
  public static boolean is(String text) {
    return text.codePoints().allMatch(PlainText::shows);
  }

  private static boolean shows(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          false;
      default -> true;
    };
  }
}
