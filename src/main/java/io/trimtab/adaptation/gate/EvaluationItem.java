package io.trimtab.adaptation.gate;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import java.util.List;
import java.util.Optional;

/**
 * A question that base and candidate are both asked.
 *
 * @param id within its set
 * @param task what it is one of, such as {@code colour}
 * @param messages the conversation before the answer; its pictures inside
 * @param expected the right answer; empty where base's own answer is the standard
 */
public record EvaluationItem(
    String id, String task, List<ChatMessage> messages, Optional<String> expected) {
  public EvaluationItem {
    messages = List.copyOf(messages);
    if (messages.isEmpty()) {
      throw TrimtabException.invalid(
          "Evaluation item '%s' has no messages, expected at least one".formatted(id));
    }
  }
}
