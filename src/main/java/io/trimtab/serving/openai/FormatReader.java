package io.trimtab.serving.openai;

import io.trimtab.engine.constraint.ResponseFormat;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.http.FieldException;

/** Reads what form an answer must have: OpenAI's {@code response_format}. */
final class FormatReader {
  static final String FIELD = "response_format";

  private FormatReader() {}

  static ResponseFormat read(JsonFields request) {
    return request.fields(FIELD).map(FormatReader::of).orElse(ResponseFormat.TEXT);
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

  /** Its {@code name} is the client's own, and {@code strict} is what is done in any case. */
  private static ResponseFormat schema(JsonFields format) {
    JsonFields named =
        format.fields("json_schema").orElseThrow(() -> missing(format.path("json_schema")));
    JsonFields schema = named.fields("schema").orElseThrow(() -> missing(named.path("schema")));
    try {
      return new ResponseFormat.JsonSchema(schema.object().toString());
    } catch (TrimtabException refusal) {
      throw new FieldException(named.path("schema"), refusal);
    }
  }

  private static FieldException missing(String path) {
    return FieldException.invalid(path, path + " is missing, expected an object");
  }
}
