package io.trimtab.model.text;

/** Whether a prompt gets the tokens that a tokenizer puts around any text. */
public enum TokenFrame {
  /** Where the text does not have them already. */
  ADD,
  OMIT
}
