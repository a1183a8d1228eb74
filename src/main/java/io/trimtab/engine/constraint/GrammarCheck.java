package io.trimtab.engine.constraint;

import io.trimtab.error.TrimtabException;

/** Refuses a grammar that no answer can satisfy, or that leaves too much open at once. */
final class GrammarCheck {
  private GrammarCheck() {}

  static void check(Grammar grammar) {
    int height = grammar.height(grammar.root());
    if (height == Grammar.IMPOSSIBLE) {
      throw TrimtabException.invalid(
          "The schema admits no value: what it demands contradicts itself or recurs without an end");
    }
    if (height > Grammar.DEPTH_MAX) {
      throw TrimtabException.invalid(
          "The schema demands %d arrays and objects inside each other, expected at most %d"
              .formatted(height, Grammar.DEPTH_MAX));
    }
    for (int part = 0; part < grammar.size(); part++) {
      if (grammar.forms(part).length > Grammar.FORMS_MAX) {
        throw TrimtabException.invalid(
            "The schema leaves more than %d alternatives open in one place"
                .formatted(Grammar.FORMS_MAX));
      }
    }
  }
}
