package io.trimtab.serving.openai;

import io.trimtab.engine.api.ResponseFormat;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.http.FieldException;

/** Reads what form an answer must have: OpenAI's {@code response_format}. */
final class FormatField {
  static final String NAME = "response_format";

  private FormatField() {}

  static ResponseFormat read(JsonFields request) {
    return request.fields(NAME).map(FormatField::of).orElse(ResponseFormat.TEXT);
  }

  private static ResponseFormat of(JsonFields format) {
    String type = format.text("type").orElse("");
    return switch (type) {
      case "text" -> ResponseFormat.TEXT;
      case "json_object" -> new ResponseFormat.JsonObject();
      case "json_schema" -> schema(format);
      default ->
          throw FieldException.invalid(
              format.path("type"),
              "%s is %s, expected text, json_object or json_schema"
                  .formatted(format.path("type"), Quoted.of(type)));
    };
  }

  /** The schema; its {@code name} and whether it is {@code strict} make no difference here. */
  private static ResponseFormat schema(JsonFields format) {
    JsonFields named =
        format.fields("json_schema").orElseThrow(() -> missing(format.path("json_schema")));
    JsonFields schema = named.fields("schema").orElseThrow(() -> missing(named.path("schema")));
    try {
      return new ResponseFormat.JsonSchema(schema.object().toString());
    } catch (TrimtabException e) {
      throw new FieldException(schema.place(), e);
    }
  }

  private static FieldException missing(String path) {
    return FieldException.invalid(path, path + " is missing, expected an object");
  }
}
