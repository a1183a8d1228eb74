package io.trimtab.cli.terminal;

/** What a status word tells at a glance, as a colour where the terminal takes colours. */
public enum Tone {
  PLAIN(""),
  GOOD("32"),
  WARNING("33"),
  BAD("31");

  private static final String ESCAPE = "\u001b[";

  private final String code;

  Tone(String code) {
    this.code = code;
  }

  /** A word of a table that has this tone. */
  public Word of(String text) {
    return new Word(text, this);
  }

  /** The text between escape sequences; as it is, where the tone has none. */
  public String painted(String text) {
    return this == PLAIN || text.isEmpty() ? text : ESCAPE + code + "m" + text + ESCAPE + "0m";
  }

  /** A cell of a table. */
  public record Word(String text, Tone tone) {}
}
