package io.trimtab.engine.constraint;

import java.util.Set;
import java.util.TreeSet;

/**
 * What of JSON Schema (2020-12) is supported, all of it enforced, with these differences.
 *
 * <ul>
 *   <li>Members come in the order of {@code properties}, those that are not listed after them, and
 *       unless the schema forbids them they may come.
 *   <li>{@code oneOf} is taken as {@code anyOf}: where two of its alternatives have values in
 *       common, such a value is not kept out.
 *   <li>{@code $ref} reaches into the same document by JSON pointer, and may recur.
 *   <li>A string of {@code enum} or {@code const} and the name of a listed member have one
 *       spelling, that of compact writers.
 *   <li>A number with bounds is written without an exponent, an integer without a fraction.
 *   <li>{@code uniqueItems} may be false; {@code minProperties} and {@code maxProperties} may say
 *       what {@code required} and {@code additionalProperties} say already.
 * </ul>
 *
 * <p>Annotations are ignored, anything else is refused.
 */
final class SchemaKeywords {
  private static final Set<String> SUPPORTED =
      Set.of(
          "$defs",
          "$ref",
          "additionalProperties",
          "allOf",
          "anyOf",
          "const",
          "definitions",
          "enum",
          "exclusiveMaximum",
          "exclusiveMinimum",
          "items",
          "maxItems",
          "maxLength",
          "maxProperties",
          "maximum",
          "minItems",
          "minLength",
          "minProperties",
          "minimum",
          "oneOf",
          "prefixItems",
          "properties",
          "required",
          "type",
          "uniqueItems");

  private static final Set<String> ANNOTATIONS =
      Set.of(
          "$comment",
          "$schema",
          "contentEncoding",
          "contentMediaType",
          "default",
          "deprecated",
          "description",
          "discriminator",
          "examples",
          "readOnly",
          "title",
          "writeOnly");

  /** What says nothing about a value by itself: annotations, and what is laid open elsewhere. */
  private static final Set<String> SILENT =
      Set.of("$defs", "$ref", "allOf", "anyOf", "definitions", "oneOf");

  private SchemaKeywords() {}

  /** Whether a schema says something about a value itself. */
  static boolean asserts(SchemaPlace schema) {
    return schema.names().stream()
        .anyMatch(keyword -> SUPPORTED.contains(keyword) && !SILENT.contains(keyword));
  }

  /** Refuses a schema that says what can't be enforced. */
  static void check(SchemaPlace place) {
    place
        .node()
        .fieldNames()
        .forEachRemaining(
            keyword -> {
              if (!SUPPORTED.contains(keyword) && !ANNOTATIONS.contains(keyword)) {
                throw place
                    .at(keyword)
                    .refusal(
                        "is not supported; supported are "
                            + String.join(", ", new TreeSet<>(SUPPORTED)));
              }
            });
  }
}
