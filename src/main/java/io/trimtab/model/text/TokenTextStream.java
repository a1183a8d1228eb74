package io.trimtab.model.text;

import java.util.Arrays;

/**
 * Text of a growing sequence of tokens, in whole characters.
 *
 * <p>What it returns, joined, is the tokenizer's text of the whole sequence without special tokens.
 * A token costs time by its own length, not by that of the text before it. Made by {@link
 * TextTokenizer#newStream()}; one thread at a time.
 */
public final class TokenTextStream {
  /** How the pieces are found. */
  private sealed interface Source {
    /** Joins the tokens' bytes. */
    record Bytes(ByteVocabulary vocabulary, Utf8Text text) implements Source {}

    /** Decodes the last tokens anew with each one; for decoders that look at neighbours. */
    record Window() implements Source {}
  }

  private final TextTokenizer tokenizer;
  private final Source source;
  // Window: the tokens whose text is out already but bears on what follows, then the waiting ones.
  private int[] window = new int[16];
  private int shown;
  private int size;

  TokenTextStream(TextTokenizer tokenizer) {
    this.tokenizer = tokenizer;
    this.source =
        tokenizer
            .byteVocabulary()
            .<Source>map(vocabulary -> new Source.Bytes(vocabulary, new Utf8Text()))
            .orElseGet(Source.Window::new);
  }

  /** Takes the next token; returns the text that is complete with it, often empty. */
  public String append(int token) {
    if (tokenizer.isSpecial(token)) {
      return "";
    }
    return switch (source) {
      case Source.Bytes bytes -> {
        bytes.vocabulary().append(token, bytes.text());
        yield bytes.text().take();
      }
      case Source.Window() -> {
        if (size == window.length) {
          window = Arrays.copyOf(window, size * 2);
        }
        window[size++] = token;
        // A run of byte tokens is a character, or several, or none: known at its end only.
        yield tokenizer.isFallbackByte(token) ? "" : takeWindow();
      }
    };
  }

  /** The rest: an unfinished character becomes U+FFFD. Afterwards the stream is as new. */
  public String finish() {
    return switch (source) {
      case Source.Bytes bytes -> bytes.text().finish();
      case Source.Window() -> {
        String rest = takeWindow();
        shown = 0;
        size = 0;
        yield rest;
      }
    };
  }

  /** The text of one token by itself, special ones by name; parts of characters as U+FFFD. */
  public String textOf(int token) {
    return tokenizer.textOf(token);
  }

  private String takeWindow() {
    if (size == shown) {
      return "";
    }
    String before = tokenizer.decode(Arrays.copyOf(window, shown), SpecialTokens.SKIP);
    String all = tokenizer.decode(Arrays.copyOf(window, size), SpecialTokens.SKIP);
    // The tokens just shown are enough context for those to come.
    System.arraycopy(window, shown, window, 0, size - shown);
    size -= shown;
    shown = size;
    return all.substring(Math.min(before.length(), all.length()));
  }
}
