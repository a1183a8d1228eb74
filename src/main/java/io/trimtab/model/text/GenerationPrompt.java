package io.trimtab.model.text;

/** Whether a rendered conversation ends with the opening of the assistant's next turn. */
public enum GenerationPrompt {
  ADD,
  OMIT
}
