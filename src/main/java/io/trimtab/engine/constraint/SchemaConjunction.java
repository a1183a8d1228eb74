package io.trimtab.engine.constraint;

import io.trimtab.engine.constraint.SchemaPlace.Meaning;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Schemas that must hold together, with their references followed and their {@code allOf} laid
 * open: what each says itself, and the lists of alternatives that are left.
 */
final class SchemaConjunction {
  private static final int IMPOSSIBLE = -1;

  private final SchemaDocument document;
  private final SchemaBudget budget;
  private final Map<String, SchemaPlace> own = new LinkedHashMap<>();
  private final Map<String, SchemaPlace> alternatives = new LinkedHashMap<>();
  private final Set<String> opened = new HashSet<>();
  private final Set<String> opening = new HashSet<>();
  private boolean impossible;

  private SchemaConjunction(SchemaDocument document, SchemaBudget budget) {
    this.document = document;
    this.budget = budget;
  }

  static SchemaConjunction of(
      List<SchemaPlace> schemas, SchemaDocument document, SchemaBudget budget) {
    SchemaConjunction all = new SchemaConjunction(document, budget);
    schemas.forEach(all::add);
    return all;
  }

  private void add(SchemaPlace place) {
    budget.spend(1);
    switch (place.meaning()) {
      case SCHEMA -> open(place);
      case OWN_ASSERTIONS -> own.put(place.pointer(), place);
      case ALTERNATIVES -> alternatives.put(place.pointer(), place);
    }
  }

  private void open(SchemaPlace schema) {
    budget.spend(1);
    if (schema.node().isBoolean()) {
      impossible |= !schema.node().booleanValue();
      return;
    }
    if (!schema.node().isObject()) {
      throw schema.refusal("is not a schema, expected an object or a boolean");
    }
    if (!opening.add(schema.pointer())) {
      throw schema.refusal("refers to itself with nothing in between");
    }
    if (opened.add(schema.pointer())) {
      SchemaKeywords.check(schema);
      own.put(schema.pointer(), schema.as(Meaning.OWN_ASSERTIONS));
      if (schema.has("$ref")) {
        open(document.referred(schema));
      }
      if (schema.has("allOf")) {
        schema.at("allOf").list().forEach(this::open);
      }
      for (String keyword : List.of("anyOf", "oneOf")) {
        if (schema.has(keyword)) {
          add(schema.at(keyword).as(Meaning.ALTERNATIVES));
        }
      }
    }
    opening.remove(schema.pointer());
  }

  /** Equal for conjunctions that mean the same in the same order. */
  List<Integer> key() {
    if (impossible) {
      return List.of(IMPOSSIBLE);
    }
    List<Integer> places = new ArrayList<>();
    own.values().stream()
        .filter(SchemaConjunction::says)
        .forEach(schema -> places.add(document.number(schema.pointer())));
    alternatives.keySet().forEach(pointer -> places.add(document.number(pointer)));
    return places;
  }

  private static boolean says(SchemaPlace schema) {
    return SchemaKeywords.asserts(schema);
  }

  boolean isImpossible() {
    return impossible;
  }

  /** What says something itself. */
  List<SchemaPlace> schemas() {
    return own.values().stream().filter(SchemaConjunction::says).toList();
  }

  /** The first list of alternatives. */
  Optional<SchemaPlace> alternatives() {
    return impossible ? Optional.empty() : alternatives.values().stream().findFirst();
  }

  /** Everything but one list of alternatives. */
  List<SchemaPlace> without(SchemaPlace list) {
    List<SchemaPlace> rest = new ArrayList<>(own.values());
    alternatives.values().stream().filter(other -> !other.equals(list)).forEach(rest::add);
    return rest;
  }
}
