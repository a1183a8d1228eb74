package io.trimtab.adaptation.gate;

import io.trimtab.drift.TokenClass;
import java.util.Optional;

/**
 * An answer as evidence.
 *
 * @param text {@linkplain AnswerText normalised}
 * @param tokenClass of the whole answer
 * @param tokens generated, the end token included
 */
public record Reply(String text, Optional<TokenClass> tokenClass, int tokens) {
  boolean is(TokenClass other) {
    return tokenClass.isPresent() && tokenClass.get() == other;
  }
}
