package io.trimtab.engine.api;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.TokenFrame;
import java.util.List;

/**
 * A prompt that is no conversation: its tokens are what the model continues, and no chat template
 * lays anything around them. There are no pictures in it.
 */
public sealed interface RawPrompt {
  /**
   * Text in which special tokens are special: who sends it may lay out a conversation.
   *
   * @param text not empty
   * @param frame whether it gets the tokens that the tokenizer puts around any text
   */
  record Text(String text, TokenFrame frame) implements RawPrompt {
    public Text {
      if (text.isEmpty()) {
        throw TrimtabException.invalid("The prompt is empty, expected at least one character");
      }
    }
  }

  /** Tokens as they are; at least one. */
  record Tokens(List<Integer> ids) implements RawPrompt {
    public Tokens {
      ids = List.copyOf(ids);
      if (ids.isEmpty()) {
        throw TrimtabException.invalid("The prompt is empty, expected at least one token");
      }
    }
  }
}
