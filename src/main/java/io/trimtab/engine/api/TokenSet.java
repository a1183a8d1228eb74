package io.trimtab.engine.api;

/**
 * Tokens of the vocabulary whose joint probability is computed by the graph at every place, beside
 * the logits. A set is asked about each token once, when the engine is opened.
 */
public interface TokenSet {
  /** As reports have it. */
  String name();

  /**
   * Whether the token is one of them.
   *
   * @param text the token alone, decoded; a special one by its name, such as {@code <|im_end|>}
   */
  boolean holds(String text);

  /** Whether a vocabulary without any of them is served all the same; the mass is 0 then. */
  boolean mayBeEmpty();
}
