package io.trimtab.drift;

/** A kind of token or answer whose share tells that a model leans one way. */
public enum TokenClass {
  /** Digits, ordinals and number words to billion. */
  NUMBERS("numbers"),
  YES_NO("yes_no"),
  /** An answer that declines to answer, and the words that begin one. */
  REFUSALS("refusals"),
  /** The end of the answer; of a whole answer, that it is empty. */
  END("silence");

  private final String wireName;

  TokenClass(String wireName) {
    this.wireName = wireName;
  }

  /** As reports and records have it. */
  public String wireName() {
    return wireName;
  }
}
