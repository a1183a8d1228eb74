package io.trimtab.serving.inference;

import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.serving.NameSyntax;
import io.trimtab.serving.ServingLimits;
import io.trimtab.v1.Image;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Reads the messages of one request. A refusal names the message and the part, both counted from 0.
 */
public final class ConversationReader {
  private final InferenceEngine engine;
  private final ServingLimits limits;
  private final String tenant;

  public ConversationReader(InferenceEngine engine, ServingLimits limits, String tenant) {
    this.engine = engine;
    this.limits = limits;
    this.tenant = tenant;
  }

  /**
   * The conversation, within the limits.
   *
   * @param continuation text beside the messages, counted with theirs
   */
  public List<ChatMessage> messages(List<Message> messages, String continuation) {
    if (messages.isEmpty()) {
      throw TrimtabException.invalid("messages is empty, expected at least one message");
    }
    requireAtMost(limits.messagesMax(), messages.size(), "messages");
    requireAtMost(limits.picturesMax(), parts(messages).filter(Part::hasImage).count(), "pictures");
    requireAtMost(
        limits.textCharactersMax(),
        continuation.length() + parts(messages).mapToLong(part -> part.getText().length()).sum(),
        "characters of text");
    List<ChatMessage> read = new ArrayList<>(messages.size());
    for (int i = 0; i < messages.size(); i++) {
      read.add(message(messages.get(i), i));
    }
    return read;
  }

  private static Stream<Part> parts(List<Message> messages) {
    return messages.stream().flatMap(message -> message.getPartsList().stream());
  }

  private ChatMessage message(Message message, int index) {
    Role role = role(message.getRole(), index);
    if (message.getPartsCount() > limits.partsMax()) {
      throw TrimtabException.invalid(
          "messages[%d] has %d parts, expected at most %d"
              .formatted(index, message.getPartsCount(), limits.partsMax()));
    }
    List<ContentPart> parts = new ArrayList<>(message.getPartsCount());
    for (int i = 0; i < message.getPartsCount(); i++) {
      parts.add(part(message.getParts(i), "messages[%d].parts[%d]".formatted(index, i)));
    }
    return new ChatMessage(role, parts);
  }

  private static Role role(String name, int index) {
    for (Role role : Role.values()) {
      if (role.wireName().equals(name)) {
        return role;
      }
    }
    throw TrimtabException.invalid(
        "messages[%d].role is %s, expected system, user or assistant"
            .formatted(index, Quoted.of(name)));
  }

  private ContentPart part(Part part, String place) {
    return switch (part.getPartCase()) {
      case TEXT -> new TextPart(part.getText());
      case IMAGE -> new PicturePart(picture(part.getImage(), place + ".image"));
      case PART_NOT_SET ->
          throw TrimtabException.invalid(place + " is empty, expected text or an image");
    };
  }

  private Picture picture(Image image, String place) {
    return switch (image.getSourceCase()) {
      case DATA -> {
        if (image.getData().isEmpty()) {
          throw TrimtabException.invalid(place + ".data is empty, expected an encoded picture");
        }
        yield Picture.of(image.getData().toByteArray());
      }
      case SHA256 -> kept(image.getSha256(), place);
      case SOURCE_NOT_SET ->
          throw TrimtabException.invalid(place + " has no source, expected data or sha256");
    };
  }

  private Picture kept(String digest, String place) {
    if (!NameSyntax.isSha256(digest)) {
      throw TrimtabException.invalid(
          "%s.sha256 is %s, expected 64 hex digits".formatted(place, Quoted.of(digest)));
    }
    return engine
        .picture(tenant, digest.toLowerCase(Locale.ROOT))
        .orElseThrow(
            () ->
                new TrimtabException(
                    ErrorCode.NOT_FOUND,
                    "%s: no picture %s is kept here; send the picture itself as data"
                        .formatted(place, digest)));
  }

  private static void requireAtMost(int max, long count, String what) {
    if (count > max) {
      throw TrimtabException.invalid(
          "The request has %d %s, expected at most %d".formatted(count, what, max));
    }
  }
}
