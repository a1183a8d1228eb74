package io.trimtab.adapter;

import io.trimtab.error.TrimtabException;
import java.nio.charset.StandardCharsets;

/** What people write about adapters: notes and reasons. Bounded, since every version keeps them. */
final class FreeText {
  /** In UTF-16 units. */
  static final int LENGTH_MAX = 1_000;

  private FreeText() {}

  /**
   * Refuses a text that cannot be kept.
   *
   * @throws TrimtabException INVALID_ARGUMENT
   */
  static void check(String field, String text) {
    if (text.length() > LENGTH_MAX) {
      throw TrimtabException.invalid(
          "The %s has %d characters, expected at most %d"
              .formatted(field, text.length(), LENGTH_MAX));
    }
    // Half of a surrogate pair has no UTF-8.
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw TrimtabException.invalid("The %s is not Unicode text".formatted(field));
    }
  }
}
