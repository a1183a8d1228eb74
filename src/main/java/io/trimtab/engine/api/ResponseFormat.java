package io.trimtab.engine.api;

import io.trimtab.error.TrimtabException;
import java.nio.charset.StandardCharsets;

/**
 * What form an answer must have; OpenAI's {@code response_format}. An answer that ends by itself
 * has it; one that {@code max_tokens} or a stop text cuts is the beginning of one that has.
 */
public sealed interface ResponseFormat {
  /** Any text. */
  ResponseFormat TEXT = new Text();

  /** Any text. */
  record Text() implements ResponseFormat {}

  /** Any JSON object ({@code json_object}). */
  record JsonObject() implements ResponseFormat {}

  /**
   * A JSON value that satisfies a schema ({@code json_schema}); an object only if the schema says
   * so.
   *
   * @param schema a JSON Schema (2020-12) as JSON, at most {@link #SCHEMA_BYTES_MAX} bytes of
   *     UTF-8; what of it is supported is said by {@code SchemaKeywords}
   */
  record JsonSchema(String schema) implements ResponseFormat {
    /** OpenAI takes 120,000 characters of names and values. */
    public static final int SCHEMA_BYTES_MAX = 128 << 10;

    public JsonSchema {
      int bytes = schema.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > SCHEMA_BYTES_MAX) {
        throw TrimtabException.invalid(
            "The schema has %d bytes, expected at most %d".formatted(bytes, SCHEMA_BYTES_MAX));
      }
    }
  }
}
