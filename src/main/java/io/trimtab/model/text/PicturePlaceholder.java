package io.trimtab.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What stands for a picture where a chat template takes a message's content for one string: the
 * image token with what its family puts around it.
 */
final class PicturePlaceholder {
  private PicturePlaceholder() {}

  /** Reads it from config.json and tokenizer.json; empty if config.json names no image token. */
  static String read(Path modelFolder) {
    Path configFile = modelFolder.resolve("config.json");
    JsonNode config = Files.exists(configFile) ? JsonFile.read(configFile) : JsonFile.empty();
    int image = config.path("image_token_id").asInt(config.path("image_token_index").asInt(-1));
    if (image < 0) {
      return "";
    }
    JsonNode tokens = JsonFile.read(modelFolder.resolve("tokenizer.json")).path("added_tokens");
    int start = config.path("vision_start_token_id").asInt(-1);
    int end = config.path("vision_end_token_id").asInt(-1);
    return start < 0 || end < 0
        ? content(tokens, image) + "\n"
        : content(tokens, start) + content(tokens, image) + content(tokens, end);
  }

  private static String content(JsonNode tokens, int id) {
    for (JsonNode token : tokens) {
      if (token.path("id").asInt(-1) == id) {
        return token.path("content").asText();
      }
    }
    return "";
  }
}
