package io.trimtab.error;

/** A client's own words inside a message: short, and printable on any terminal. */
public final class Quoted {
  private static final int CHARACTERS_MAX = 80;

  private Quoted() {}

  public static String of(String words) {
    int[] shown = words.codePoints().limit(CHARACTERS_MAX).toArray();
    String quoted = "'%s'".formatted(PlainText.of(new String(shown, 0, shown.length)));
    return words.length() > CHARACTERS_MAX
        ? quoted + " (%d characters)".formatted(words.length())
        : quoted;
  }
}
