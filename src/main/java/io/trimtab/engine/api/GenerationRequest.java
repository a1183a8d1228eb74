package io.trimtab.engine.api;

import io.trimtab.error.TrimtabException;
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
 * @param readTokensMax how many tokens of the answer come back with what the model said at their
 *     places ({@link Completion#reading}); 0 for none
 * @param rawPrompt what is continued in the place of the conversation, which is empty then
 * @param format what form the answer must have
 * @param origin where it comes from, for those who follow it
 */
public record GenerationRequest(
    String requestId,
    String tenant,
    String adapter,
    List<ChatMessage> messages,
    SamplingParameters sampling,
    Optional<Instant> deadline,
    Priority priority,
    int readTokensMax,
    Optional<RawPrompt> rawPrompt,
    ResponseFormat format,
    RequestOrigin origin) {
  public GenerationRequest {
    messages = List.copyOf(messages);
    if (readTokensMax < 0) {
      throw TrimtabException.invalid(
          "%d tokens are to be read, expected 0 and above".formatted(readTokensMax));
    }
    if (rawPrompt.isPresent() && !messages.isEmpty()) {
      throw TrimtabException.invalid("There are messages beside a prompt, expected one of the two");
    }
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

  /** One whose answer is not read. */
  public GenerationRequest(
      String requestId,
      String tenant,
      String adapter,
      List<ChatMessage> messages,
      SamplingParameters sampling,
      Optional<Instant> deadline,
      Priority priority) {
    this(requestId, tenant, adapter, messages, sampling, deadline, priority, 0);
  }

  /** One of a conversation, whose answer may have any form. */
  public GenerationRequest(
      String requestId,
      String tenant,
      String adapter,
      List<ChatMessage> messages,
      SamplingParameters sampling,
      Optional<Instant> deadline,
      Priority priority,
      int readTokensMax) {
    this(
        requestId,
        tenant,
        adapter,
        messages,
        sampling,
        deadline,
        priority,
        readTokensMax,
        Optional.empty(),
        ResponseFormat.TEXT,
        RequestOrigin.UNKNOWN);
  }

  /** The same, with so many tokens of its answer read at least. */
  public GenerationRequest read(int tokensMax) {
    return new GenerationRequest(
        requestId,
        tenant,
        adapter,
        messages,
        sampling,
        deadline,
        priority,
        Math.max(readTokensMax, tokensMax),
        rawPrompt,
        format,
        origin);
  }

  /** This request with a raw prompt in place of its messages; the answer continues it. */
  public GenerationRequest continuing(RawPrompt prompt) {
    return new GenerationRequest(
        requestId,
        tenant,
        adapter,
        List.of(),
        sampling,
        deadline,
        priority,
        readTokensMax,
        Optional.of(prompt),
        format,
        origin);
  }

  /** The same, with an answer of that form. */
  public GenerationRequest as(ResponseFormat other) {
    return new GenerationRequest(
        requestId,
        tenant,
        adapter,
        messages,
        sampling,
        deadline,
        priority,
        readTokensMax,
        rawPrompt,
        other,
        origin);
  }

  /** This request with another origin. */
  public GenerationRequest from(RequestOrigin other) {
    return new GenerationRequest(
        requestId,
        tenant,
        adapter,
        messages,
        sampling,
        deadline,
        priority,
        readTokensMax,
        rawPrompt,
        format,
        other);
  }
}
