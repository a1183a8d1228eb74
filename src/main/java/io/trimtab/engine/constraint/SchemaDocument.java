package io.trimtab.engine.constraint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.trimtab.error.PlainText;
import io.trimtab.error.TrimtabException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** A schema as JSON, and what its references mean. One thread. */
final class SchemaDocument {
  /** Of the schema's own text: a schema that describes {@link Grammar#DEPTH_MAX} levels fits. */
  private static final int NESTING_MAX = 256;

  static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(NESTING_MAX).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
          .build();

  private final JsonNode root;
  private final Map<String, Integer> numbers = new HashMap<>();

  private SchemaDocument(JsonNode root) {
    this.root = root;
  }

  static SchemaDocument read(String schema) {
    try {
      JsonNode root = JSON.readTree(schema);
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(JSON.writeValueAsString(root))) {
        throw TrimtabException.invalid("The schema has half a surrogate pair in one of its texts");
      }
      return new SchemaDocument(root);
    } catch (JsonProcessingException e) {
      throw TrimtabException.invalid(
          "The schema is not JSON: %s".formatted(PlainText.of(e.getOriginalMessage())));
    }
  }

  SchemaPlace root() {
    return new SchemaPlace("", root);
  }

  /** A short name of a place, the same for the same pointer. */
  int number(String pointer) {
    return numbers.computeIfAbsent(pointer, _ -> numbers.size());
  }

  /** What the {@code $ref} of that place means. */
  SchemaPlace referred(SchemaPlace place) {
    SchemaPlace reference = place.at("$ref");
    String text = reference.node().asText();
    if (!reference.node().isTextual() || !text.startsWith("#")) {
      throw reference.refusal(
          "is not a reference into this schema, expected #/ and a JSON pointer");
    }
    String pointer = unescaped(reference, text.substring(1));
    if (!pointer.isEmpty() && !pointer.startsWith("/")) {
      throw reference.refusal("names an anchor, expected # or #/ and a JSON pointer");
    }
    JsonNode node = root.at(JsonPointer.compile(pointer));
    if (node.isMissingNode()) {
      throw reference.refusal("refers to nothing");
    }
    return new SchemaPlace(pointer, node);
  }

  /** A URI's fragment may write any byte as % and two hex digits. */
  private static String unescaped(SchemaPlace reference, String fragment) {
    try {
      return URLDecoder.decode(fragment.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw reference.refusal("has a % that two hex digits do not follow");
    }
  }
}
