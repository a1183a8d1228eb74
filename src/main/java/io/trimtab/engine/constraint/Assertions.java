package io.trimtab.engine.constraint;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What several schemas together say about one value, apart from what is inside of it. Immutable.
 *
 * @param types that remain; NUMBER takes INTEGER in
 * @param values all that remain, where they are listed
 * @param bounds of numbers
 * @param lengthLeast characters
 * @param lengthMost characters
 */
record Assertions(
    Set<Type> types,
    Optional<List<JsonNode>> values,
    NumberBounds bounds,
    int lengthLeast,
    int lengthMost) {
  /** Of two values: about what one byte of a name costs is spent on so many. */
  private static final int COMPARISONS_PER_UNIT = 16;

  /** A type of JSON Schema. */
  enum Type {
    OBJECT,
    ARRAY,
    STRING,
    NUMBER,
    INTEGER,
    BOOLEAN,
    NULL;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @param budget from which reading and comparing listed values is paid
   */
  static Assertions of(List<SchemaPlace> schemas, SchemaBudget budget) {
    Set<Type> types = EnumSet.allOf(Type.class);
    Optional<List<JsonNode>> values = Optional.empty();
    NumberBounds bounds = NumberBounds.NONE;
    int least = 0;
    int most = Part.UNBOUNDED;
    for (SchemaPlace schema : schemas) {
      types.retainAll(types(schema));
      values = narrowed(values, schema, budget);
      bounds = bounds(bounds, schema);
      least = Math.max(least, schema.count("minLength").orElse(0));
      most = Math.min(most, schema.count("maxLength").orElse(Part.UNBOUNDED));
    }
    return new Assertions(types, values, bounds, least, most);
  }

  private static Set<Type> types(SchemaPlace schema) {
    if (!schema.has("type")) {
      return EnumSet.allOf(Type.class);
    }
    SchemaPlace place = schema.at("type");
    List<String> names =
        place.node().isTextual() ? List.of(place.node().textValue()) : place.texts();
    Set<Type> types = EnumSet.noneOf(Type.class);
    for (String name : names) {
      types.add(type(place, name));
    }
    if (types.isEmpty()) {
      throw place.refusal("names no type, expected a name or a list of names");
    }
    if (types.contains(Type.NUMBER)) {
      types.add(Type.INTEGER);
    }
    return types;
  }

  private static Type type(SchemaPlace place, String name) {
    List<String> known = new ArrayList<>();
    for (Type type : Type.values()) {
      if (type.wireName().equals(name)) {
        return type;
      }
      known.add(type.wireName());
    }
    throw place.refusal("names an unknown type, expected one of " + String.join(", ", known));
  }

  private static Optional<List<JsonNode>> narrowed(
      Optional<List<JsonNode>> before, SchemaPlace schema, SchemaBudget budget) {
    Optional<List<JsonNode>> values = before;
    if (schema.has("const")) {
      values = Optional.of(common(values, List.of(schema.node().get("const")), budget));
    }
    if (schema.has("enum")) {
      JsonNode listed = schema.node().get("enum");
      if (!listed.isArray()) {
        throw schema.at("enum").refusal("is not a list of values");
      }
      List<JsonNode> all = new ArrayList<>();
      listed.forEach(all::add);
      values = Optional.of(common(values, all, budget));
    }
    return values;
  }

  private static List<JsonNode> common(
      Optional<List<JsonNode>> before, List<JsonNode> values, SchemaBudget budget) {
    budget.spend(values.size());
    if (before.isPresent()) {
      long inside = values.stream().mapToLong(JsonValues::count).sum();
      budget.spend(before.get().size() * inside / COMPARISONS_PER_UNIT);
    }
    return before
        .map(
            known ->
                known.stream()
                    .filter(one -> values.stream().anyMatch(other -> JsonValues.equal(one, other)))
                    .toList())
        .orElse(values);
  }

  private static NumberBounds bounds(NumberBounds before, SchemaPlace schema) {
    NumberBounds bounds = before;
    for (boolean excluded : new boolean[] {false, true}) {
      Optional<BigDecimal> low = schema.number(excluded ? "exclusiveMinimum" : "minimum");
      Optional<BigDecimal> high = schema.number(excluded ? "exclusiveMaximum" : "maximum");
      bounds = low.isPresent() ? bounds.from(low.get(), excluded) : bounds;
      bounds = high.isPresent() ? bounds.to(high.get(), excluded) : bounds;
    }
    return bounds;
  }

  boolean allows(Type type) {
    return types.contains(type);
  }

  /** Whether a listed value satisfies the rest, as far as its inside is not concerned. */
  boolean holds(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> allows(Type.OBJECT);
      case ARRAY -> allows(Type.ARRAY);
      case BOOLEAN -> allows(Type.BOOLEAN);
      case NULL -> allows(Type.NULL);
      case STRING -> {
        int length = value.textValue().codePointCount(0, value.textValue().length());
        yield allows(Type.STRING) && length >= lengthLeast && length <= lengthMost;
      }
      case NUMBER ->
          allows(JsonValues.isInteger(value) ? Type.INTEGER : Type.NUMBER)
              && bounds.holds(value.decimalValue());
      case BINARY, MISSING, POJO -> false;
    };
  }
}
