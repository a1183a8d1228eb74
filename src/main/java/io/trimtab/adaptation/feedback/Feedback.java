package io.trimtab.adaptation.feedback;

import io.trimtab.adapter.AdapterId;
import io.trimtab.model.text.ChatMessage;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What somebody says about an answer, as it came in.
 *
 * @param id the same id twice counts once, within a tenant; not empty
 * @param adapter whose feedback it is; made at revision 0 where it is not there
 * @param predictionId names a kept prediction; then there is no conversation
 * @param messages the conversation, its pictures inside; empty with a prediction
 * @param answer what the model said; may be empty
 * @param correction what it should have said; may be empty where there is a rating
 * @param rating -1 wrong to 1 right
 */
public record Feedback(
    String id,
    AdapterId adapter,
    Optional<String> predictionId,
    List<ChatMessage> messages,
    String answer,
    String correction,
    OptionalDouble rating,
    List<String> tags) {
  public Feedback {
    messages = List.copyOf(messages);
    tags = List.copyOf(tags);
  }
}
