package io.trimtab.model.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;

/** Typed fields of a JSON object: absent or null means the default, the wrong type is refused. */
record JsonFields(JsonNode node) {
  JsonFields {
    if (!node.isObject()) {
      throw TrimtabException.invalid("Expected a JSON object, got " + node);
    }
  }

  /** A boolean that is true unless the file says otherwise. */
  boolean flag(String name) {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return true;
    }
    if (!value.isBoolean()) {
      throw wrong(name, "true or false", value);
    }
    return value.booleanValue();
  }

  double number(String name, double otherwise) {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return otherwise;
    }
    if (!value.isNumber()) {
      throw wrong(name, "a number", value);
    }
    return value.doubleValue();
  }

  int integer(String name, int otherwise) {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return otherwise;
    }
    if (!value.canConvertToExactIntegral() || !value.canConvertToInt()) {
      throw wrong(name, "a whole number", value);
    }
    return value.intValue();
  }

  int positive(String name, int otherwise) {
    int value = integer(name, otherwise);
    if (value < 1) {
      throw wrong(name, "a whole number of at least 1", node.path(name));
    }
    return value;
  }

  String text(String name) {
    JsonNode value = node.path(name);
    if (!value.isTextual()) {
      throw wrong(name, "text", value);
    }
    return value.textValue();
  }

  /** One number per colour channel; a single number stands for all three. */
  List<Double> channels(String name, List<Double> otherwise) {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return otherwise;
    }
    if (value.isNumber()) {
      return List.of(value.doubleValue(), value.doubleValue(), value.doubleValue());
    }
    List<Double> channels = new ArrayList<>();
    for (JsonNode channel : value) {
      if (!channel.isNumber()) {
        throw wrong(name, "3 numbers", value);
      }
      channels.add(channel.doubleValue());
    }
    if (channels.size() != 3) {
      throw wrong(name, "3 numbers", value);
    }
    return channels;
  }

  JsonFields object(String name) {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return new JsonFields(JsonNodeFactory.instance.objectNode());
    }
    if (!value.isObject()) {
      throw wrong(name, "an object", value);
    }
    return new JsonFields(value);
  }

  /** A size; a number alone, as older files have it, is both the edge and the sides. */
  JsonFields size(String name) {
    JsonNode value = node.path(name);
    return value.isInt()
        ? new JsonFields(
            JsonNodeFactory.instance.objectNode().put("shortest_edge", value.intValue()))
        : object(name);
  }

  boolean has(String name) {
    return node.hasNonNull(name);
  }

  JsonNode array(String name) {
    JsonNode value = node.path(name);
    if (!absent(value) && !value.isArray()) {
      throw wrong(name, "an array", value);
    }
    return value;
  }

  private static boolean absent(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  private static TrimtabException wrong(String name, String expected, JsonNode value) {
    return TrimtabException.invalid(
        "Expected %s as %s in the preprocessor's configuration, got %s"
            .formatted(name, expected, value.isMissingNode() ? "nothing" : value));
  }
}
