package io.trimtab.engine.constraint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;

/** Values that a schema lists: when they are equal, and how they are written. */
final class JsonValues {
  private JsonValues() {}

  /** Equal as JSON Schema has it: numbers by value, members in any order. */
  static boolean equal(JsonNode one, JsonNode other) {
    if (one.isNumber() && other.isNumber()) {
      return one.decimalValue().compareTo(other.decimalValue()) == 0;
    }
    if (one.getNodeType() != other.getNodeType() || one.size() != other.size()) {
      return false;
    }
    if (!one.isContainerNode()) {
      return one.equals(other);
    }
    if (one.isArray()) {
      Iterator<JsonNode> others = other.iterator();
      for (JsonNode element : one) {
        if (!equal(element, others.next())) {
          return false;
        }
      }
      return true;
    }
    return one.properties().stream()
        .allMatch(
            member ->
                other.has(member.getKey()) && equal(member.getValue(), other.get(member.getKey())));
  }

  /** The value itself and all that are inside of it. */
  static long count(JsonNode value) {
    long count = 1;
    for (JsonNode inside : value) {
      count += count(inside);
    }
    return count;
  }

  static boolean isInteger(JsonNode number) {
    return number.decimalValue().stripTrailingZeros().scale() <= 0;
  }

  /** The compact spelling. */
  static String written(Object value) {
    try {
      return SchemaDocument.JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A value could not be written as JSON", e);
    }
  }
}
