package io.trimtab.model.text;

import java.util.List;
import java.util.stream.Stream;

/** One turn of a conversation: who speaks, and the parts in order. */
public record ChatMessage(Role role, List<ContentPart> parts) {
  public ChatMessage {
    parts = List.copyOf(parts);
  }

  /** A message of text alone. */
  public static ChatMessage text(Role role, String text) {
    return new ChatMessage(role, List.of(new TextPart(text)));
  }

  /** The message's pictures, in order. */
  public Stream<Picture> pictures() {
    return parts.stream()
        .mapMulti(
            (part, sink) -> {
              switch (part) {
                case PicturePart picture -> sink.accept(picture.picture());
                case TextPart ignored -> {}
              }
            });
  }
}
