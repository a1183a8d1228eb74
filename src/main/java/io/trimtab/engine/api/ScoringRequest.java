package io.trimtab.engine.api;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A continuation whose log-probability is asked for, token by token, without sampling.
 *
 * @param continuation text that follows the prompt; may be empty when prompt positions are asked
 *     for
 * @param positions which tokens are scored
 * @param topLogprobs alternatives to report for each token, 0 to 64
 * @param priority whose turn it is first
 */
public record ScoringRequest(
    String requestId,
    String tenant,
    String adapter,
    List<ChatMessage> messages,
    String continuation,
    Positions positions,
    Optional<Instant> deadline,
    int topLogprobs,
    Priority priority) {
  /** Which tokens get a log-probability. */
  public enum Positions {
    CONTINUATION,
    /** Also every prompt token after the first. */
    PROMPT_AND_CONTINUATION
  }

  public ScoringRequest {
    messages = List.copyOf(messages);
    if (topLogprobs < 0 || topLogprobs > 64) {
      throw TrimtabException.invalid(
          "%d alternatives of each token are asked for, expected 0 to 64".formatted(topLogprobs));
    }
  }

  /** One that somebody waits for, without alternatives. */
  public ScoringRequest(
      String requestId,
      String tenant,
      String adapter,
      List<ChatMessage> messages,
      String continuation,
      Positions positions,
      Optional<Instant> deadline) {
    this(
        requestId,
        tenant,
        adapter,
        messages,
        continuation,
        positions,
        deadline,
        0,
        Priority.INTERACTIVE);
  }
}
