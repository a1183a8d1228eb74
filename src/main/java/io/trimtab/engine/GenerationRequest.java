package io.trimtab.engine;

import io.trimtab.model.text.ChatMessage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A conversation to continue.
 *
 * @param requestId the caller's own id, or one made at the edge; not empty
 * @param tenant whose request it is
 * @param adapter name of the adapter as the caller gave it: empty (the tenant's default), {@code
 *     base}, {@code name} or {@code name@revision}
 * @param messages the conversation; its pictures inside
 * @param sampling how tokens are chosen
 * @param deadline when the caller stops waiting
 * @param priority whose turn it is first
 */
public record GenerationRequest(
    String requestId,
    String tenant,
    String adapter,
    List<ChatMessage> messages,
    SamplingParameters sampling,
    Optional<Instant> deadline,
    Priority priority) {
  public GenerationRequest {
    messages = List.copyOf(messages);
  }

  /** One that somebody waits for. */
  public GenerationRequest(
      String requestId,
      String tenant,
      String adapter,
      List<ChatMessage> messages,
      SamplingParameters sampling,
      Optional<Instant> deadline) {
    this(requestId, tenant, adapter, messages, sampling, deadline, Priority.INTERACTIVE);
  }
}
