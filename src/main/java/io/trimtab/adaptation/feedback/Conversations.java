package io.trimtab.adaptation.feedback;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.TextPart;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Conversations on their way to the store and back; any thread. */
public record Conversations(TenantPictures pictures) {
  /** Keeps a conversation's pictures and names them; durable when this returns. */
  public List<KeptMessage> keep(String tenant, List<ChatMessage> messages) {
    messages.stream()
        .flatMap(ChatMessage::pictures)
        .forEach(picture -> pictures.keep(tenant, picture));
    return named(messages);
  }

  /**
   * A kept conversation with its pictures.
   *
   * @throws TrimtabException NOT_FOUND where a picture is not kept any more, or is another tenant's
   */
  public List<ChatMessage> read(String tenant, List<KeptMessage> messages) {
    List<ChatMessage> read = new ArrayList<>(messages.size());
    for (KeptMessage message : messages) {
      List<ContentPart> parts = new ArrayList<>(message.parts().size());
      for (KeptMessage.Part part : message.parts()) {
        parts.add(
            switch (part) {
              case KeptMessage.Text(String text) -> new TextPart(text);
              case KeptMessage.PictureBlob(String sha256) ->
                  new PicturePart(picture(tenant, sha256));
            });
      }
      read.add(new ChatMessage(message.role(), parts));
    }
    return read;
  }

  /** The same conversation with its pictures by digest; keeps nothing. */
  static List<KeptMessage> named(List<ChatMessage> messages) {
    return messages.stream()
        .map(
            message ->
                new KeptMessage(
                    message.role(), message.parts().stream().map(Conversations::named).toList()))
        .toList();
  }

  /** Digests of a conversation's pictures, each once. */
  static Set<String> digests(List<KeptMessage> messages) {
    Set<String> digests = new LinkedHashSet<>();
    messages.stream()
        .flatMap(message -> message.parts().stream())
        .flatMap(
            part ->
                part instanceof KeptMessage.PictureBlob(String sha256)
                    ? Stream.of(sha256)
                    : Stream.empty())
        .forEach(digests::add);
    return digests;
  }

  private static KeptMessage.Part named(ContentPart part) {
    return switch (part) {
      case TextPart(String text) -> new KeptMessage.Text(text);
      case PicturePart(Picture picture) -> new KeptMessage.PictureBlob(picture.sha256());
    };
  }

  private Picture picture(String tenant, String sha256) {
    return pictures
        .find(tenant, sha256)
        .orElseThrow(
            () ->
                new TrimtabException(
                    ErrorCode.NOT_FOUND, "The picture %s is not kept".formatted(sha256)));
  }
}
