package io.trimtab.engine;

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
 */
public record ScoringRequest(
    String requestId,
    String tenant,
    String adapter,
    List<ChatMessage> messages,
    String continuation,
    Positions positions,
    Optional<Instant> deadline) {
  /** Which tokens get a log-probability. */
  public enum Positions {
    CONTINUATION,
    /** Also every prompt token after the first. */
    PROMPT_AND_CONTINUATION
  }

  public ScoringRequest {
    messages = List.copyOf(messages);
  }
}
