package io.trimtab.serving;

/** A client's own words inside a message: short, and printable on any terminal. */
final class Quoted {
  private static final int CHARACTERS_MAX = 80;

  private Quoted() {}

  static String of(String words) {
    StringBuilder quoted = new StringBuilder("'");
    words
        .codePoints()
        .limit(CHARACTERS_MAX)
        .forEach(c -> quoted.appendCodePoint(Character.isISOControl(c) ? '?' : c));
    quoted.append('\'');
    if (words.length() > CHARACTERS_MAX) {
      quoted.append(" (%d characters)".formatted(words.length()));
    }
    return quoted.toString();
  }
}
