package io.trimtab.drift;

import io.trimtab.engine.api.TokenSet;
import io.trimtab.error.TrimtabException;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A token class that an operator adds by its words, such as {@code colours: red, green}: every
 * token that is one of them, with a space before it or without, in any case.
 *
 * @param name {@code [a-z][a-z0-9_]{0,30}}, none of the built-in ones'
 * @param words at least one
 */
public record WordClass(String name, Set<String> words) implements TokenSet {
  private static final String NAME = "[a-z][a-z0-9_]{0,30}";

  public WordClass {
    if (!name.matches(NAME)) {
      throw TrimtabException.invalid(
          "The token class is named '%s', expected %s".formatted(name, NAME));
    }
    for (TokenClass builtIn : TokenClass.values()) {
      if (builtIn.wireName().equals(name)) {
        throw TrimtabException.invalid(
            "The token class '%s' is built in, expected another name".formatted(name));
      }
    }
    words =
        words.stream()
            .map(word -> word.strip().toLowerCase(Locale.ROOT))
            .filter(word -> !word.isEmpty())
            .collect(Collectors.toUnmodifiableSet());
    if (words.isEmpty()) {
      throw TrimtabException.invalid(
          "The token class '%s' has no words, expected at least one".formatted(name));
    }
  }

  @Override
  public boolean holds(String text) {
    return words.contains(text.strip().toLowerCase(Locale.ROOT));
  }

  @Override
  public boolean mayBeEmpty() {
    return false;
  }
}
