package io.trimtab.model.text;

/**
 * A rendered conversation in which special tokens that users typed carry the marks of a {@link
 * TextGuard}, so that those without a mark are the template's own.
 *
 * @param marked the text with its marks
 */
public record ProtectedText(String marked) {
  /** A text whose special tokens are all meant. */
  public static ProtectedText unguarded(String text) {
    return new ProtectedText(TextGuard.escape(text));
  }

  /** The text as transformers would render it. */
  public String plain() {
    return TextGuard.restore(marked);
  }
}
