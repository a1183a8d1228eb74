package io.trimtab.adaptation.gate;

import java.text.Normalizer;
import java.util.Locale;

/**
 * Answers as they are compared: without the white space around them, in lower case, and without one
 * full stop at the end. "Blue." is "blue"; nothing else is forgiven but how Unicode writes the same
 * characters (its form NFC is compared), which nobody sees.
 */
public final class AnswerText {
  private AnswerText() {}

  public static String normal(String answer) {
    String text =
        Normalizer.normalize(answer, Normalizer.Form.NFC).strip().toLowerCase(Locale.ROOT);
    return text.endsWith(".") ? text.substring(0, text.length() - 1).stripTrailing() : text;
  }
}
