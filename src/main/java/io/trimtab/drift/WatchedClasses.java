package io.trimtab.drift;

import io.trimtab.engine.api.TokenSet;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The token classes that a server watches, in the order in which the engine is told them: the
 * built-in ones of {@link TokenClass}, then those of the configuration. Immutable.
 */
public final class WatchedClasses {
  private final List<TokenSet> sets;

  /**
   * With these beside the built-in ones.
   *
   * @throws TrimtabException INVALID_ARGUMENT for two of one name
   */
  public WatchedClasses(List<WordClass> more) {
    TokenClasses builtIn = TokenClasses.common();
    List<TokenSet> all = new ArrayList<>();
    for (TokenClass tokenClass : TokenClass.values()) {
      all.add(new BuiltIn(tokenClass, builtIn));
    }
    Set<String> names = new HashSet<>();
    for (WordClass each : more) {
      if (!names.add(each.name())) {
        throw TrimtabException.invalid(
            "The token class '%s' is configured twice, expected once".formatted(each.name()));
      }
      all.add(each);
    }
    sets = List.copyOf(all);
  }

  /** The built-in ones alone. */
  public static WatchedClasses builtIn() {
    return new WatchedClasses(List.of());
  }

  /** As the engine's options take them. */
  public List<TokenSet> sets() {
    return sets;
  }

  /** Where the end of an answer stands among them. */
  int end() {
    return TokenClass.END.ordinal();
  }

  /** A model without a word of refusal is served all the same. */
  private record BuiltIn(TokenClass tokenClass, TokenClasses classes) implements TokenSet {
    @Override
    public String name() {
      return tokenClass.wireName();
    }

    @Override
    public boolean holds(String text) {
      return classes.holds(tokenClass, text);
    }

    @Override
    public boolean mayBeEmpty() {
      return true;
    }
  }
}
