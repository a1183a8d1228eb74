package io.trimtab.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** OpenAI's chat messages. */
final class ChatMessages {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ChatMessages() {}

  /** The body that asks for a whole answer. */
  static String whole(Target target) {
    return body(target).toString();
  }

  /** The body that asks for a stream. */
  static String streamed(Target target) {
    return body(target).put("stream", true).toString();
  }

  private static ObjectNode body(Target target) {
    ObjectNode body =
        JSON.createObjectNode()
            .put("model", target.model())
            .put("temperature", 0)
            .put("max_tokens", target.tokens());
    ArrayNode content =
        body.putArray("messages").addObject().put("role", "user").putArray("content");
    target
        .question()
        .dataUrl()
        .ifPresent(
            url ->
                content
                    .addObject()
                    .put("type", "image_url")
                    .putObject("image_url")
                    .put("url", url));
    content.addObject().put("type", "text").put("text", target.question().text());
    return body;
  }

  /** The text of a whole answer; what came, where it is none. */
  static String text(String answer) {
    try {
      JsonNode text = JSON.readTree(answer).at("/choices/0/message/content");
      return text.isTextual() ? text.textValue() : answer;
    } catch (JsonProcessingException _) {
      return answer;
    }
  }

  /** The next piece of a streamed answer's text; may be empty. */
  static String delta(String event) throws JsonProcessingException {
    JsonNode read = JSON.readTree(event);
    if (read.has("error")) {
      throw new IllegalStateException(read.path("error").path("message").asText());
    }
    return read.at("/choices/0/delta/content").asText("");
  }
}
