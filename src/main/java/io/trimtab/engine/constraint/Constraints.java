package io.trimtab.engine.constraint;

import io.trimtab.engine.api.ResponseFormat;
import io.trimtab.model.text.TextTokenizer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Constraints over one vocabulary. What a schema was compiled to is kept by its text, the least
 * recently used out first. Safe for use by many threads; the lock guards the kept ones.
 */
public final class Constraints {
  /** Schemas kept. */
  private static final int KEPT_MAX = 32;

  /** Of a schema's tokens by state. */
  private static final long TOKEN_BYTES_MAX = 2L << 20;

  private final TextTokenizer tokenizer;
  private final int vocabulary;
  private final SequencedMap<ResponseFormat, Automaton> kept = new LinkedHashMap<>(16, 0.75f, true);
  private @Nullable TokenTrie trie;

  /**
   * @param tokenizer closed by whoever opened it
   * @param vocabulary rows of the language model's head
   */
  public Constraints(TextTokenizer tokenizer, int vocabulary) {
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
  }

  /**
   * A constraint for one answer; none where any text will do. Takes milliseconds for a schema that
   * is not known yet, and once, for the first of all, as long as the vocabulary needs to be sorted.
   *
   * @param ends tokens that end the answer
   * @throws io.trimtab.error.TrimtabException INVALID_ARGUMENT for a schema that can't be read, is
   *     not supported, admits nothing or is too large, with the JSON pointer to where
   */
  public Optional<TokenConstraint> of(ResponseFormat format, int[] ends) {
    return switch (format) {
      case ResponseFormat.Text _ -> Optional.empty();
      case ResponseFormat.JsonObject _, ResponseFormat.JsonSchema _ -> {
        int[] sorted = ends.clone();
        Arrays.sort(sorted);
        yield Optional.of(new TokenConstraint(automaton(format), sorted));
      }
    };
  }

  private Automaton automaton(ResponseFormat format) {
    Automaton known;
    synchronized (kept) {
      known = kept.get(format);
    }
    if (known != null) {
      return known;
    }
    Grammar grammar =
        switch (format) {
          case ResponseFormat.Text _ -> throw new IllegalStateException("Text has no grammar");
          case ResponseFormat.JsonObject _ -> SchemaCompiler.anyObject();
          case ResponseFormat.JsonSchema(String schema) -> SchemaCompiler.compile(schema);
        };
    synchronized (kept) {
      Automaton first = kept.get(format);
      if (first != null) {
        return first;
      }
      Automaton made = new Automaton(grammar, vocabulary(), Automaton.STATES_MAX, TOKEN_BYTES_MAX);
      kept.put(format, made);
      if (kept.size() > KEPT_MAX) {
        kept.pollFirstEntry();
      }
      return made;
    }
  }

  private TokenTrie vocabulary() {
    TokenTrie known = trie;
    if (known == null) {
      known = TokenTrie.of(tokenizer, vocabulary);
      trie = known;
    }
    return known;
  }
}
