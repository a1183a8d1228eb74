package io.trimtab.engine.constraint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/** Makes parts of the values that {@code enum} and {@code const} list. */
final class ListedValues {
  /** What would have to be looked up inside of a listed array or object. */
  private static final Set<String> INSIDE =
      Set.of(
          "additionalProperties",
          "items",
          "maxItems",
          "maxProperties",
          "minItems",
          "minProperties",
          "prefixItems",
          "properties",
          "required");

  private final ToIntFunction<Part> parts;
  private final SchemaBudget budget;

  /**
   * @param parts takes a part into the grammar and says its index
   * @param budget from which every word and every name is paid before it is built
   */
  ListedValues(ToIntFunction<Part> parts, SchemaBudget budget) {
    this.parts = parts;
    this.budget = budget;
  }

  /** Those of the values that satisfy what else is said. */
  Part part(List<JsonNode> values, Assertions assertions, List<SchemaPlace> schemas) {
    List<JsonNode> held = values.stream().filter(assertions::holds).toList();
    if (held.stream().anyMatch(JsonNode::isContainerNode)) {
      schemas.forEach(ListedValues::requireNothingInside);
    }
    return part(held);
  }

  private static void requireNothingInside(SchemaPlace schema) {
    for (String keyword : INSIDE) {
      if (schema.has(keyword)) {
        throw schema
            .at(keyword)
            .refusal("is not supported beside a listed array or object, expected type alone");
      }
    }
  }

  private Part part(List<JsonNode> values) {
    List<String> words = new ArrayList<>();
    List<Integer> options = new ArrayList<>();
    for (JsonNode value : values) {
      if (value.isArray()) {
        options.add(parts.applyAsInt(array(value)));
      } else if (value.isObject()) {
        options.add(parts.applyAsInt(object(value)));
      } else {
        String word = JsonValues.written(value);
        budget.spend(1 + word.length());
        words.add(word);
      }
    }
    if (!words.isEmpty()) {
      options.addFirst(parts.applyAsInt(word(words)));
    }
    return new Part.Choice(options);
  }

  private static Part word(List<String> words) {
    return new Part.Word(LexemeBuilder.words(words.toArray(String[]::new)));
  }

  private int single(JsonNode value) {
    return parts.applyAsInt(part(List.of(value)));
  }

  private int nothing() {
    return parts.applyAsInt(new Part.Choice(List.of()));
  }

  private Part array(JsonNode value) {
    List<Integer> elements = new ArrayList<>();
    value.forEach(element -> elements.add(single(element)));
    return new Part.Items(elements, nothing(), elements.size(), elements.size());
  }

  private Part object(JsonNode value) {
    List<String> names = new ArrayList<>();
    List<Integer> members = new ArrayList<>();
    for (Map.Entry<String, JsonNode> member : value.properties()) {
      budget.spend(1 + member.getKey().length());
      String written = JsonValues.written(member.getKey());
      names.add(written.substring(1, written.length() - 1));
      members.add(single(member.getValue()));
    }
    BitSet all = new BitSet();
    all.set(0, names.size());
    return new Part.Members(new MemberNames(names, all), members, nothing());
  }
}
