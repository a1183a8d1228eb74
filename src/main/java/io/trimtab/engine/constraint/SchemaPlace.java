package io.trimtab.engine.constraint;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A place in a schema document.
 *
 * @param pointer where it is (RFC 6901); empty for the whole
 * @param node what is there
 * @param meaning how it is read
 */
record SchemaPlace(String pointer, JsonNode node, Meaning meaning) {
  /** How a place is read. */
  enum Meaning {
    /** A schema. */
    SCHEMA,
    /** A schema without its references, and without what {@code allOf}, anyOf and oneOf list. */
    OWN_ASSERTIONS,
    /** A list of schemas of which one must hold. */
    ALTERNATIVES
  }

  /** Every place has its pointer: long names inside each other would make many long ones. */
  private static final int POINTER_MAX = 4096;

  SchemaPlace {
    if (pointer.length() > POINTER_MAX) {
      throw TrimtabException.invalid(
          "The schema has a place whose JSON pointer is longer than %d characters: %s"
              .formatted(POINTER_MAX, Quoted.of(pointer)));
    }
  }

  SchemaPlace(String pointer, JsonNode node) {
    this(pointer, node, Meaning.SCHEMA);
  }

  SchemaPlace as(Meaning other) {
    return new SchemaPlace(pointer, node, other);
  }

  /** The value of a member; a missing node where there is none. */
  SchemaPlace at(String name) {
    return new SchemaPlace(
        pointer + "/" + name.replace("~", "~0").replace("/", "~1"), node.path(name));
  }

  SchemaPlace at(int index) {
    return new SchemaPlace(pointer + "/" + index, node.path(index));
  }

  boolean has(String keyword) {
    return node.has(keyword);
  }

  /** The schemas of a list, at least one. */
  List<SchemaPlace> list() {
    if (!node.isArray() || node.isEmpty()) {
      throw refusal("is not a list of schemas, expected at least one");
    }
    List<SchemaPlace> places = new ArrayList<>();
    for (int index = 0; index < node.size(); index++) {
      places.add(at(index));
    }
    return places;
  }

  /** The texts of a list, such as names. */
  List<String> texts() {
    if (!node.isArray() || node.valueStream().anyMatch(text -> !text.isTextual())) {
      throw refusal("is not a list of strings");
    }
    return node.valueStream().map(JsonNode::textValue).toList();
  }

  /** The members of an object by name. */
  List<String> names() {
    if (!node.isObject()) {
      throw refusal("is not an object");
    }
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** A count that a keyword gives, 0 and above. */
  OptionalInt count(String keyword) {
    if (!has(keyword)) {
      return OptionalInt.empty();
    }
    JsonNode value = node.get(keyword);
    if (!value.canConvertToExactIntegral() || !value.canConvertToInt() || value.intValue() < 0) {
      throw at(keyword).refusal("is not a count, expected 0 to " + (Integer.MAX_VALUE - 1));
    }
    return OptionalInt.of(Math.min(value.intValue(), Integer.MAX_VALUE - 1));
  }

  /** A number that a keyword gives. */
  Optional<BigDecimal> number(String keyword) {
    if (!has(keyword)) {
      return Optional.empty();
    }
    JsonNode value = node.get(keyword);
    if (!value.isNumber()) {
      throw at(keyword).refusal("is not a number");
    }
    BigDecimal number = value.decimalValue().stripTrailingZeros();
    if (Math.abs((long) number.scale()) > 20 || number.precision() > 40) {
      throw at(keyword).refusal("has too many digits, expected at most 20 on either side");
    }
    return Optional.of(number);
  }

  TrimtabException refusal(String reason) {
    return TrimtabException.invalid(
        "The schema at %s %s".formatted(Quoted.of(pointer.isEmpty() ? "/" : pointer), reason));
  }
}
