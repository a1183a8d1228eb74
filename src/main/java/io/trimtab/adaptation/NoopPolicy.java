package io.trimtab.adaptation;

/** What becomes of an adapter that changes nothing on the fixed probe. */
public enum NoopPolicy {
  /** It is refused: whoever made it meant it to do something. */
  REFUSE,
  ALLOW
}
