package io.trimtab.serving.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.http.FieldException;
import io.trimtab.serving.http.JsonBody;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The fields of a JSON object, by name and of one kind each. A field that is null counts as absent,
 * one of another kind is refused by its path; a field that nobody asks for is nobody's business.
 */
record JsonFields(ObjectNode object, String place) {
  /**
   * Those of a body.
   *
   * @throws TrimtabException INVALID_ARGUMENT for anything but one JSON object
   */
  static JsonFields of(InputStream body) {
    JsonNode read = JsonBody.read(body);
    if (read instanceof ObjectNode object) {
      return new JsonFields(object, "");
    }
    throw TrimtabException.invalid("The body is %s, expected a JSON object".formatted(kind(read)));
  }

  /** The path of a field, as refusals name it: {@code messages[0].content}. */
  String path(String name) {
    return place.isEmpty() ? name : place + "." + name;
  }

  boolean has(String name) {
    return !get(name).isNull();
  }

  Optional<String> text(String name) {
    return optional(name).map(value -> text(value, path(name)));
  }

  Optional<Boolean> flag(String name) {
    return optional(name)
        .map(
            value -> {
              require(value.isBoolean(), name, "true or false", value);
              return value.booleanValue();
            });
  }

  OptionalDouble number(String name) {
    JsonNode value = get(name);
    if (value.isNull()) {
      return OptionalDouble.empty();
    }
    require(value.isNumber(), name, "a number", value);
    return OptionalDouble.of(value.doubleValue());
  }

  /** A whole number of Java's int. */
  OptionalInt whole(String name) {
    JsonNode value = get(name);
    if (value.isNull()) {
      return OptionalInt.empty();
    }
    require(isWhole(value) && value.canConvertToInt(), name, "a whole number", value);
    return OptionalInt.of(value.intValue());
  }

  OptionalLong longWhole(String name) {
    JsonNode value = get(name);
    if (value.isNull()) {
      return OptionalLong.empty();
    }
    require(isWhole(value) && value.canConvertToLong(), name, "a whole number", value);
    return OptionalLong.of(value.longValue());
  }

  Optional<JsonFields> fields(String name) {
    return optional(name).map(value -> fields(value, path(name)));
  }

  /** The elements of an array; none where there is no array. */
  List<JsonNode> elements(String name) {
    JsonNode value = get(name);
    if (value.isNull()) {
      return List.of();
    }
    require(value.isArray(), name, "an array", value);
    List<JsonNode> elements = new ArrayList<>(value.size());
    value.forEach(elements::add);
    return elements;
  }

  /** A field as it is; a null node where there is none. */
  JsonNode get(String name) {
    JsonNode value = object.get(name);
    return value == null ? object.nullNode() : value;
  }

  static JsonFields fields(JsonNode value, String path) {
    if (value instanceof ObjectNode object) {
      return new JsonFields(object, path);
    }
    throw wrongKind(path, "an object", value);
  }

  static String text(JsonNode value, String path) {
    if (!value.isTextual()) {
      throw wrongKind(path, "a text", value);
    }
    return value.textValue();
  }

  static FieldException wrongKind(String path, String expected, JsonNode value) {
    return FieldException.invalid(
        path, "%s is %s, expected %s".formatted(path, kind(value), expected));
  }

  /** What came, in few words: of a text or an array only that it is one. */
  static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> "a text";
      case ARRAY -> "an array";
      case OBJECT -> "an object";
      case NUMBER, BOOLEAN -> shortened(value.asText());
      case NULL, MISSING, BINARY, POJO -> value.getNodeType().name().toLowerCase(Locale.ROOT);
    };
  }

  private static String shortened(String number) {
    return number.length() > 40 ? "a number of %d digits".formatted(number.length()) : number;
  }

  private Optional<JsonNode> optional(String name) {
    JsonNode value = get(name);
    return value.isNull() ? Optional.empty() : Optional.of(value);
  }

  /** 3 and 3.0, which some clients write. */
  private static boolean isWhole(JsonNode value) {
    return value.isNumber() && value.doubleValue() == Math.rint(value.doubleValue());
  }

  private void require(boolean holds, String name, String expected, JsonNode value) {
    if (!holds) {
      throw wrongKind(path(name), expected, value);
    }
  }
}
