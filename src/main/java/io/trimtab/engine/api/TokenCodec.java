package io.trimtab.engine.api;

import io.trimtab.model.text.ChatMessage;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Text to the tokens that the served model reads, and back. Any thread, as long as the engine is
 * open.
 */
public interface TokenCodec {
  /**
   * Tokens of a prompt, which waits in the tenant's queue as a request does. Completes
   * exceptionally with a TrimtabException: INVALID_ARGUMENT for ids that the model does not have,
   * and for the placeholder of a picture.
   *
   * @throws io.trimtab.error.TrimtabException RESOURCE_EXHAUSTED when the queue is full
   */
  CompletableFuture<List<Integer>> encode(String tenant, RawPrompt prompt);

  /**
   * Tokens of the prompt that asks for the next turn of a conversation, its pictures' among them;
   * it waits in the tenant's queue. Completes exceptionally with a TrimtabException.
   *
   * @throws io.trimtab.error.TrimtabException RESOURCE_EXHAUSTED when the queue is full
   */
  CompletableFuture<List<Integer>> encode(String tenant, List<ChatMessage> messages);

  /** The text of tokens, special ones by name; ids without a token have none. */
  String decode(List<Integer> tokens);

  /** The text of one token by itself; parts of characters as U+FFFD. */
  String textOf(int token);

  /** The bytes of one token, be they whole characters or not; of a special one its name's. */
  byte[] bytesOf(int token);
}
