package io.trimtab.engine.constraint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Schemas of every supported keyword, drawn at random, and values of them: each value is made
 * beside its schema, by what the schema means and not by how it is read.
 */
final class RandomSchemas {
  static final JsonMapper JSON = JsonMapper.builder().build();

  private static final String[] NAMES = {
    "a", "ab", "b", "größe", "x\"y", "long_name", "", "\n", "e😀"
  };
  private static final String[] TEXTS = {
    "", "a", "red", "größe", "\"q\"", "tab\tend", "😀😀", "long text"
  };

  private final Random random;

  RandomSchemas(long seed) {
    random = new Random(seed);
  }

  /** A schema and a value that satisfies it. */
  record Drawn(JsonNode schema, JsonNode value) {}

  /** One that recurs by a reference to {@code #/$defs/node}, and a value of it. */
  Drawn recursive() {
    Drawn leaf = draw(1);
    ObjectNode node =
        JSON.createObjectNode().put("type", "object").put("additionalProperties", false);
    ObjectNode properties = node.putObject("properties");
    properties.set("leaf", leaf.schema);
    properties
        .putObject("next")
        .putArray("anyOf")
        .add(JSON.createObjectNode().put("$ref", "#/$defs/node"))
        .add(JSON.createObjectNode().put("type", "null"));
    node.putArray("required").add("leaf");
    JsonNode value = JSON.createObjectNode().set("leaf", leaf.value);
    for (int depth = random.nextInt(4); depth > 0; depth--) {
      ObjectNode around = JSON.createObjectNode();
      around.set("leaf", leaf.value);
      around.set("next", value);
      value = around;
    }
    ObjectNode root = JSON.createObjectNode().put("$ref", "#/$defs/node");
    root.putObject("$defs").set("node", node);
    return new Drawn(root, value);
  }

  Drawn draw(int depth) {
    return switch (random.nextInt(depth == 0 ? 6 : 11)) {
      case 0 ->
          new Drawn(typed("boolean"), JSON.getNodeFactory().booleanNode(random.nextBoolean()));
      case 1 -> text();
      case 2 -> integer();
      case 3 -> number();
      case 4 -> listed();
      case 5 -> new Drawn(typed("null"), JSON.nullNode());
      case 6, 7 -> object(depth - 1);
      case 8 -> array(depth - 1);
      case 9 -> alternatives(depth - 1);
      default -> together(depth - 1);
    };
  }

  private ObjectNode typed(String type) {
    return JSON.createObjectNode().put("type", type);
  }

  private Drawn text() {
    String value = pick(TEXTS);
    int length = value.codePointCount(0, value.length());
    ObjectNode schema = typed("string");
    if (random.nextBoolean()) {
      schema.put("minLength", Math.max(0, length - random.nextInt(3)));
    }
    if (random.nextBoolean()) {
      schema.put("maxLength", length + random.nextInt(3));
    }
    return new Drawn(schema, JSON.getNodeFactory().textNode(value));
  }

  private Drawn integer() {
    int value = random.nextInt(2001) - 1000;
    ObjectNode schema = typed("integer");
    bounds(schema, BigDecimal.valueOf(value));
    return new Drawn(schema, JSON.getNodeFactory().numberNode(value));
  }

  private Drawn number() {
    BigDecimal value = BigDecimal.valueOf(random.nextInt(20001) - 10000, random.nextInt(4));
    ObjectNode schema = typed("number");
    bounds(schema, value);
    return new Drawn(schema, JSON.getNodeFactory().numberNode(value));
  }

  private void bounds(ObjectNode schema, BigDecimal value) {
    BigDecimal below = value.subtract(BigDecimal.valueOf(random.nextInt(50)));
    BigDecimal above = value.add(BigDecimal.valueOf(random.nextInt(50)));
    switch (random.nextInt(4)) {
      case 0 -> schema.put("minimum", below);
      case 1 ->
          schema.put("maximum", above).put("exclusiveMinimum", below.subtract(BigDecimal.ONE));
      case 2 -> schema.put("minimum", below).put("exclusiveMaximum", above.add(BigDecimal.ONE));
      default -> {}
    }
  }

  private Drawn listed() {
    ArrayNode values = JSON.createArrayNode();
    for (int count = 1 + random.nextInt(4); count > 0; count--) {
      values.add(
          random.nextBoolean() ? JSON.getNodeFactory().textNode(pick(TEXTS)) : draw(0).value);
    }
    JsonNode value = values.get(random.nextInt(values.size()));
    return random.nextInt(4) == 0
        ? new Drawn(JSON.createObjectNode().set("const", value), value)
        : new Drawn(JSON.createObjectNode().set("enum", values), value);
  }

  private Drawn object(int depth) {
    ObjectNode schema = typed("object");
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = schema.putArray("required");
    ObjectNode value = JSON.createObjectNode();
    for (String name : NAMES) {
      if (random.nextInt(3) == 0) {
        Drawn member = draw(depth);
        properties.set(name, member.schema);
        boolean must = random.nextBoolean();
        if (must) {
          required.add(name);
        }
        if (must || random.nextBoolean()) {
          value.set(name, member.value);
        }
      }
    }
    additional(schema, value, depth);
    return new Drawn(schema, value);
  }

  private void additional(ObjectNode schema, ObjectNode value, int depth) {
    switch (random.nextInt(3)) {
      case 0 -> schema.put("additionalProperties", false);
      case 1 -> {
        Drawn other = draw(depth == 0 ? 0 : depth - 1);
        schema.set("additionalProperties", other.schema);
        for (String name : new String[] {"other", "abc", "größen"}) {
          if (random.nextInt(3) == 0) {
            value.set(name, other.value);
          }
        }
      }
      default -> {}
    }
  }

  private Drawn array(int depth) {
    ObjectNode schema = typed("array");
    ArrayNode value = JSON.createArrayNode();
    if (random.nextInt(3) == 0) {
      ArrayNode prefix = schema.putArray("prefixItems");
      for (int count = 1 + random.nextInt(2); count > 0; count--) {
        Drawn element = draw(depth);
        prefix.add(element.schema);
        value.add(element.value);
      }
    }
    Drawn rest = draw(depth);
    schema.set("items", rest.schema);
    for (int count = random.nextInt(3); count > 0; count--) {
      value.add(rest.value);
    }
    if (random.nextBoolean()) {
      schema.put("minItems", random.nextInt(value.size() + 1));
    }
    if (random.nextBoolean()) {
      schema.put("maxItems", value.size() + random.nextInt(2));
    }
    return new Drawn(schema, value);
  }

  private Drawn alternatives(int depth) {
    List<Drawn> options = new ArrayList<>();
    ArrayNode schemas = JSON.createArrayNode();
    for (int count = 1 + random.nextInt(3); count > 0; count--) {
      Drawn option = draw(depth);
      options.add(option);
      schemas.add(option.schema);
    }
    return new Drawn(
        JSON.createObjectNode().set("anyOf", schemas),
        options.get(random.nextInt(options.size())).value);
  }

  /** The same schema twice, which is the one thing that is sure to have the value. */
  private Drawn together(int depth) {
    Drawn one = draw(depth);
    ObjectNode schema = JSON.createObjectNode();
    schema.putArray("allOf").add(one.schema).add(one.schema);
    return new Drawn(schema, one.value);
  }

  private String pick(String[] from) {
    return from[random.nextInt(from.length)];
  }
}
