package io.trimtab.serving.finetuning;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.serving.http.DataUrl;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One line of a training file in OpenAI's chat format: {@code {"messages": [...]}}. Each of the
 * assistant's messages is an answer to learn, given those before it, but for those of {@code
 * weight} 0. All refusals are INVALID_ARGUMENT and name the place within the line.
 */
final class ChatLine {
  private static final int MESSAGES_MAX = 256;
  private static final Set<String> MESSAGE_FIELDS = Set.of("role", "content", "name", "weight");

  private ChatLine() {}

  /** The line's answers, at least one. */
  static List<ChatAnswer> answers(int line, JsonNode json) {
    onlyFields(json, Set.of("messages"), "the line");
    JsonNode messages = json.path("messages");
    if (!messages.isArray() || messages.isEmpty() || messages.size() > MESSAGES_MAX) {
      throw TrimtabException.invalid(
          "messages is %s, expected an array of 1 to %d messages"
              .formatted(
                  messages.isArray() ? "of " + messages.size() : shown(messages), MESSAGES_MAX));
    }
    List<ChatMessage> before = new ArrayList<>();
    List<ChatAnswer> answers = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      String place = "messages[%d]".formatted(i);
      ChatMessage message = message(messages.get(i), place);
      if (isLearnt(messages.get(i), message, place)) {
        answers.add(new ChatAnswer(line, answers.size() + 1, before, text(message, place)));
      }
      before.add(message);
    }
    if (answers.isEmpty()) {
      throw TrimtabException.invalid("no message of the assistant is to be learnt, expected one");
    }
    if (before.getLast().role() != Role.ASSISTANT) {
      throw TrimtabException.invalid(
          "the last message is the %s's, expected the assistant's"
              .formatted(before.getLast().role().wireName()));
    }
    return answers;
  }

  private static boolean isLearnt(JsonNode json, ChatMessage message, String place) {
    JsonNode weight = json.path("weight");
    if (weight.isMissingNode()) {
      return message.role() == Role.ASSISTANT;
    }
    if (message.role() != Role.ASSISTANT || !weight.isNumber()) {
      throw TrimtabException.invalid(
          "%s.weight is %s of the %s, expected 0 or 1 of the assistant"
              .formatted(place, shown(weight), message.role().wireName()));
    }
    if (weight.doubleValue() != 0 && weight.doubleValue() != 1) {
      throw TrimtabException.invalid(
          "%s.weight is %s, expected 0 or 1".formatted(place, shown(weight)));
    }
    return weight.doubleValue() == 1;
  }

  private static String text(ChatMessage message, String place) {
    StringBuilder text = new StringBuilder();
    for (ContentPart part : message.parts()) {
      switch (part) {
        case TextPart(String words) -> text.append(words);
        case PicturePart _ ->
            throw TrimtabException.invalid(
                place + " is an answer with a picture, expected text alone");
      }
    }
    if (text.toString().isBlank()) {
      throw TrimtabException.invalid(place + " is an empty answer, expected text");
    }
    return text.toString();
  }

  private static ChatMessage message(JsonNode json, String place) {
    onlyFields(json, MESSAGE_FIELDS, place);
    Role role = role(json.path("role"), place);
    JsonNode content = json.path("content");
    if (content.isTextual()) {
      return ChatMessage.text(role, content.textValue());
    }
    if (!content.isArray()) {
      throw TrimtabException.invalid(
          "%s.content is %s, expected text or an array of parts".formatted(place, shown(content)));
    }
    List<ContentPart> parts = new ArrayList<>(content.size());
    for (int i = 0; i < content.size(); i++) {
      parts.add(part(content.get(i), "%s.content[%d]".formatted(place, i)));
    }
    return new ChatMessage(role, parts);
  }

  private static Role role(JsonNode role, String place) {
    return switch (role.asText()) {
      case "system", "developer" -> Role.SYSTEM;
      case "user" -> Role.USER;
      case "assistant" -> Role.ASSISTANT;
      default ->
          throw TrimtabException.invalid(
              "%s.role is %s, expected system, developer, user or assistant"
                  .formatted(place, shown(role)));
    };
  }

  private static ContentPart part(JsonNode part, String place) {
    return switch (part.path("type").asText()) {
      case "text" -> {
        if (!part.path("text").isTextual()) {
          throw TrimtabException.invalid(place + ".text is missing, expected text");
        }
        yield new TextPart(part.path("text").textValue());
      }
      case "image_url" -> picture(part.path("image_url").path("url"), place + ".image_url");
      default ->
          throw TrimtabException.invalid(
              "%s.type is %s, expected text or image_url"
                  .formatted(place, shown(part.path("type"))));
    };
  }

  private static ContentPart picture(JsonNode url, String place) {
    if (!url.isTextual()) {
      throw TrimtabException.invalid(place + ".url is missing, expected a data URL");
    }
    return new PicturePart(DataUrl.picture(url.textValue(), place + ".url"));
  }

  private static void onlyFields(JsonNode json, Set<String> known, String place) {
    if (!json.isObject()) {
      throw TrimtabException.invalid("%s is %s, expected an object".formatted(place, shown(json)));
    }
    json.fieldNames()
        .forEachRemaining(
            field -> {
              if (!known.contains(field)) {
                throw TrimtabException.invalid(
                    "%s has the field %s, which is not supported"
                        .formatted(place, Quoted.of(field)));
              }
            });
  }

  private static String shown(JsonNode json) {
    return json.isMissingNode() ? "missing" : Quoted.of(json.toString());
  }
}
