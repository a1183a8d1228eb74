package io.trimtab.cli.ask;

import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What has been said so far, and the pictures that go with the next question. */
public final class Conversation {
  private final @Nullable String system;
  private final List<ChatMessage> messages = new ArrayList<>();
  private final List<Picture> pictures = new ArrayList<>();

  public Conversation(@Nullable String system) {
    this.system = system;
    reset();
  }

  /** Forgets everything but the system's text. */
  void reset() {
    messages.clear();
    pictures.clear();
    if (system != null) {
      messages.add(new ChatMessage(Role.SYSTEM, List.of(new TextPart(system))));
    }
  }

  public void picture(Picture picture) {
    pictures.add(picture);
  }

  /** The conversation with this question at its end; nothing is kept before {@link #answered}. */
  public List<ChatMessage> asking(String question) {
    List<ChatMessage> asking = new ArrayList<>(messages);
    List<ContentPart> parts = new ArrayList<>();
    pictures.forEach(picture -> parts.add(new PicturePart(picture)));
    parts.add(new TextPart(question));
    asking.add(new ChatMessage(Role.USER, parts));
    return List.copyOf(asking);
  }

  void answered(List<ChatMessage> asked, String answer) {
    messages.clear();
    messages.addAll(asked);
    messages.add(new ChatMessage(Role.ASSISTANT, List.of(new TextPart(answer))));
    pictures.clear();
  }
}
