package io.trimtab.serving.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.error.Quoted;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.http.FieldException;
import io.trimtab.serving.http.RequestBody;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the messages of one request, within the limits that calls over gRPC have. Takes time in
 * proportion to the pictures' bytes, which it digests. Made for one request.
 */
final class MessageFields {
  private static final String FIELD = "messages";

  private final ServingLimits limits;
  private final PictureUrls urls;
  private int pictures;
  private long pictureBytes;
  private long characters;

  MessageFields(ServingLimits limits, PictureUrls urls) {
    this.limits = limits;
    this.urls = urls;
  }

  List<ChatMessage> read(JsonFields request) {
    List<JsonNode> messages = request.elements(FIELD);
    if (messages.isEmpty()) {
      throw FieldException.invalid(FIELD, "messages is empty, expected at least one message");
    }
    requireAtMost(limits.messagesMax(), messages.size(), "messages", FIELD);
    List<ChatMessage> read = new ArrayList<>(messages.size());
    for (int i = 0; i < messages.size(); i++) {
      String path = "%s[%d]".formatted(FIELD, i);
      read.add(message(JsonFields.fields(messages.get(i), path)));
    }
    return read;
  }

  private ChatMessage message(JsonFields message) {
    Role role = role(message);
    if (!message.elements("tool_calls").isEmpty()) {
      throw FieldException.invalid(
          message.path("tool_calls"), "Tool calls are not supported, expected none");
    }
    JsonNode content = message.get("content");
    if (content.isTextual()) {
      return new ChatMessage(role, List.of(text(content.textValue(), message.path("content"))));
    }
    if (!content.isArray()) {
      throw JsonFields.wrongKind(message.path("content"), "a text or an array of parts", content);
    }
    requireAtMost(limits.partsMax(), content.size(), "parts", message.path("content"));
    List<ContentPart> parts = new ArrayList<>(content.size());
    for (int i = 0; i < content.size(); i++) {
      String path = "%s[%d]".formatted(message.path("content"), i);
      parts.add(part(content.get(i), path));
    }
    return new ChatMessage(role, parts);
  }

  private static Role role(JsonFields message) {
    String name = message.text("role").orElse("");
    return switch (name) {
      case "system", "developer" -> Role.SYSTEM;
      case "user" -> Role.USER;
      case "assistant" -> Role.ASSISTANT;
      default ->
          throw FieldException.invalid(
              message.path("role"),
              "%s is %s, expected system, developer, user or assistant"
                  .formatted(message.path("role"), Quoted.of(name)));
    };
  }

  private ContentPart part(JsonNode part, String path) {
    if (part.isTextual()) {
      return text(part.textValue(), path);
    }
    JsonFields fields = JsonFields.fields(part, path);
    String type = fields.text("type").orElse("");
    return switch (type) {
      case "text" -> text(fields.text("text").orElse(""), fields.path("text"));
      case "image_url" -> picture(fields);
      default ->
          throw FieldException.invalid(
              fields.path("type"),
              "%s is %s, expected text or image_url"
                  .formatted(fields.path("type"), Quoted.of(type)));
    };
  }

  private TextPart text(String text, String path) {
    characters += text.length();
    requireAtMost(limits.textCharactersMax(), characters, "characters of text", path);
    return new TextPart(text);
  }

  private PicturePart picture(JsonFields part) {
    pictures++;
    String path = part.path("image_url");
    requireAtMost(limits.picturesMax(), pictures, "pictures", path);
    JsonNode value = part.get("image_url");
    if (value.isTextual()) {
      return part(urls.read(value.textValue(), path), path);
    }
    JsonFields url = JsonFields.fields(value, path);
    return part(urls.read(url.text("url").orElse(""), url.path("url")), path);
  }

  /** What a body may bring, URLs may not exceed either. */
  private PicturePart part(Picture picture, String path) {
    pictureBytes += picture.encoded().length;
    requireAtMost(RequestBody.BYTES_MAX, pictureBytes, "bytes of pictures", path);
    return new PicturePart(picture);
  }

  private static void requireAtMost(int max, long count, String what, String path) {
    if (count > max) {
      throw FieldException.invalid(
          path, "There are %d %s, expected at most %d".formatted(count, what, max));
    }
  }
}
