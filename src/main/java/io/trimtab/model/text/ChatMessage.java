package io.trimtab.model.text;

import java.util.List;

/** What one speaker said: text and pictures in order. */
public record ChatMessage(Role role, List<ContentPart> parts) {
  public ChatMessage {
    parts = List.copyOf(parts);
  }
}
