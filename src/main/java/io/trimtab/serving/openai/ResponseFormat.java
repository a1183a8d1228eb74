package io.trimtab.serving.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.error.Quoted;
import io.trimtab.serving.http.FieldException;

/** What form an answer must have: OpenAI's {@code response_format}. */
sealed interface ResponseFormat {
  String FIELD = "response_format";

  /** Any text. */
  record Text() implements ResponseFormat {}

  /** Some JSON object. */
  record JsonObject() implements ResponseFormat {}

  /**
   * JSON that a schema describes.
   *
   * @param name the client's, for nothing but messages
   */
  record JsonSchema(String name, ObjectNode schema) implements ResponseFormat {}

  static ResponseFormat read(JsonFields request) {
    return request.fields(FIELD).map(ResponseFormat::of).orElseGet(Text::new);
  }

  private static ResponseFormat of(JsonFields format) {
    String type = format.text("type").orElse("");
    return switch (type) {
      case "text" -> new Text();
      case "json_object" -> new JsonObject();
      case "json_schema" -> schema(format);
      default ->
          throw FieldException.invalid(
              format.path("type"),
              "%s is %s, expected text, json_object or json_schema"
                  .formatted(format.path("type"), Quoted.of(type)));
    };
  }

  private static JsonSchema schema(JsonFields format) {
    JsonFields named =
        format.fields("json_schema").orElseThrow(() -> missing(format.path("json_schema")));
    JsonFields schema = named.fields("schema").orElseThrow(() -> missing(named.path("schema")));
    return new JsonSchema(named.text("name").orElse(""), schema.object());
  }

  private static FieldException missing(String path) {
    return FieldException.invalid(path, path + " is missing, expected an object");
  }
}
