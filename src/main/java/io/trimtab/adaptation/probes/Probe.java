package io.trimtab.adaptation.probes;

import io.trimtab.model.text.ChatMessage;
import java.util.List;
import java.util.Optional;

/**
 * A question about a picture that has nothing to do with what is tuned.
 *
 * @param id follows from picture and question
 * @param task what is asked for, in a word
 * @param messages one turn: the picture, then the question
 * @param answer the right one; empty where base's own is the standard
 */
public record Probe(String id, String task, List<ChatMessage> messages, Optional<String> answer) {
  public Probe {
    messages = List.copyOf(messages);
  }
}
