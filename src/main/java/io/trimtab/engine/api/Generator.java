package io.trimtab.engine.api;

/**
 * Something that continues a conversation: the engine in this process, or a server elsewhere. Safe
 * for use by many threads.
 */
public interface Generator {
  /**
   * Takes a request in and returns at once.
   *
   * @throws io.trimtab.error.TrimtabException RESOURCE_EXHAUSTED when the queue is full,
   *     UNAVAILABLE when the engine is stopping; whatever is found wrong later goes to the listener
   */
  RequestHandle generate(GenerationRequest request, GenerationListener listener);
}
