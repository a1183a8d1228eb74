package io.trimtab.engine.constraint;

import io.trimtab.engine.constraint.SchemaPlace.Meaning;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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

  /**
   * Depth first, with what is left to do in a list: references and {@code allOf} go deeper in a
   * schema of allowed size than a thread's stack does.
   */
  private void open(SchemaPlace schema) {
    Deque<Runnable> steps = new ArrayDeque<>();
    steps.push(() -> enter(schema, steps));
    while (!steps.isEmpty()) {
      steps.pop().run();
    }
  }

  private void enter(SchemaPlace schema, Deque<Runnable> steps) {
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
    if (!opened.add(schema.pointer())) {
      opening.remove(schema.pointer());
      return;
    }
    SchemaKeywords.check(schema);
    own.put(schema.pointer(), schema.as(Meaning.OWN_ASSERTIONS));
    // The last to be done is pushed first.
    steps.push(() -> opening.remove(schema.pointer()));
    for (String keyword : List.of("oneOf", "anyOf")) {
      if (schema.has(keyword)) {
        steps.push(() -> add(schema.at(keyword).as(Meaning.ALTERNATIVES)));
      }
    }
    if (schema.has("allOf")) {
      for (SchemaPlace part : schema.at("allOf").list().reversed()) {
        steps.push(() -> enter(part, steps));
      }
    }
    if (schema.has("$ref")) {
      SchemaPlace referred = document.referred(schema);
      steps.push(() -> enter(referred, steps));
    }
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
