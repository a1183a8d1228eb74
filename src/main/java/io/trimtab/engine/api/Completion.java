package io.trimtab.engine.api;

import java.util.Optional;

/**
 * How an answer ended.
 *
 * @param text the whole answer, without the stop text that ended it
 * @param reading the answer's tokens and what the model said there; empty unless asked for
 */
public record Completion(
    FinishReason reason,
    String text,
    Usage usage,
    Timings timings,
    Optional<AnswerReading> reading) {
  /** One that nobody read. */
  public Completion(FinishReason reason, String text, Usage usage, Timings timings) {
    this(reason, text, usage, timings, Optional.empty());
  }

  /** The same for those who asked for no reading. */
  public Completion unread() {
    return reading.isEmpty() ? this : new Completion(reason, text, usage, timings);
  }

  /** Why generation ended. */
  public enum FinishReason {
    /** An end token, a stop token or a stop text. */
    STOP,
    /** {@code max_tokens}, or the longest sequence the server takes. */
    LENGTH,
    /** The caller cancelled. */
    CANCELLED
  }

  /**
   * Tokens counted.
   *
   * @param promptTokens of the prompt, image tokens included
   * @param imageTokens of the prompt's pictures
   * @param completionTokens generated, the end token included
   * @param cachedPromptTokens of the prompt, taken from the prefix cache
   */
  public record Usage(
      int promptTokens, int imageTokens, int completionTokens, int cachedPromptTokens) {}

  /**
   * Microseconds spent: waiting for a slot, reading and tokenizing, in the vision tower, from
   * admission to the first token, from the first token to the last.
   *
   * @param queueMicros all waiting: for the adapter and a thread to prepare the request, then for a
   *     slot
   * @param intakeMicros of {@code queueMicros}, those before its preparation began
   */
  public record Timings(
      long queueMicros,
      long preprocessMicros,
      long visionMicros,
      long prefillMicros,
      long decodeMicros,
      long intakeMicros) {
    /** Of a request whose waiting is one. */
    public Timings(
        long queueMicros,
        long preprocessMicros,
        long visionMicros,
        long prefillMicros,
        long decodeMicros) {
      this(queueMicros, preprocessMicros, visionMicros, prefillMicros, decodeMicros, 0);
    }
  }
}
