package io.trimtab.model.text;

/** Whether text made from tokens shows the special ones. */
public enum SpecialTokens {
  SKIP,
  KEEP
}
