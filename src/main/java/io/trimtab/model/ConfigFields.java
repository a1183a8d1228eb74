package io.trimtab.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.error.TrimtabException;

/** Fields of config.json; INVALID_ARGUMENT where one is not what was expected. */
final class ConfigFields {
  private ConfigFields() {}

  static JsonNode required(JsonNode node, String field) {
    JsonNode value = node.get(field);
    if (value == null || value.isNull()) {
      throw TrimtabException.invalid("config.json lacks the field " + field);
    }
    return value;
  }

  static void requireAbsent(JsonNode text, String field, String reason) {
    if (text.path(field).asBoolean(false)) {
      throw TrimtabException.invalid("config.json has %s true; %s".formatted(field, reason));
    }
  }

  static int size(JsonNode node, String field) {
    JsonNode value = required(node, field);
    if (!isCount(value)) {
      throw TrimtabException.invalid(
          "config.json has %s in %s, expected a whole number above 0".formatted(value, field));
    }
    return value.intValue();
  }

  static int size(JsonNode node, String field, int otherwise) {
    return node.hasNonNull(field) ? size(node, field) : otherwise;
  }

  static boolean isCount(JsonNode value) {
    return value.isInt() && value.intValue() > 0;
  }

  /** The id of a token, from 0. */
  static int tokenId(JsonNode node, String field) {
    JsonNode value = required(node, field);
    if (!value.isInt() || value.intValue() < 0) {
      throw TrimtabException.invalid(
          "config.json has %s in %s, expected a whole number from 0".formatted(value, field));
    }
    return value.intValue();
  }

  static void requireText(JsonNode node, String field, String expected) {
    String value = node.path(field).asText(expected);
    if (!value.equals(expected)) {
      throw TrimtabException.invalid(
          "config.json has the %s '%s', expected %s".formatted(field, value, expected));
    }
  }
}
