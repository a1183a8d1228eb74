package io.trimtab.engine.constraint;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.engine.constraint.Assertions.Type;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a {@link Grammar} of a schema. What is compiled to one part is a list of schemas that must
 * hold together; the same list is the same part, which is how references recur.
 */
final class SchemaCompiler {
  /** Most parts of a grammar. Where alternatives meet, their products are parts. */
  static final int PARTS_MAX = 10_000;

  /** Schemas inside each other while they are compiled: the stack has an end. */
  private static final int INSIDE_MAX = 256;

  private static final Part PENDING = new Part.Choice(List.of());

  private final SchemaDocument document;
  private final SchemaBudget budget = new SchemaBudget();
  private final List<Part> parts = new ArrayList<>();
  private final Map<List<Integer>, Integer> known = new HashMap<>();
  private int inside;

  private SchemaCompiler(SchemaDocument document) {
    this.document = document;
  }

  /**
   * @throws TrimtabException INVALID_ARGUMENT as {@link Constraints#of} says
   */
  static Grammar compile(String schema) {
    SchemaDocument document = SchemaDocument.read(schema);
    SchemaCompiler compiler = new SchemaCompiler(document);
    int root = compiler.part(List.of(document.root()));
    Grammar grammar = new Grammar(compiler.parts, root);
    GrammarCheck.check(grammar);
    return grammar;
  }

  static Grammar anyObject() {
    return compile("{\"type\": \"object\"}");
  }

  /** The part of values of which all these schemas hold. */
  int part(List<SchemaPlace> schemas) {
    SchemaConjunction all = SchemaConjunction.of(schemas, document, budget);
    Integer part = known.get(all.key());
    if (part != null) {
      return part;
    }
    int made = add(PENDING);
    known.put(all.key(), made);
    inside++;
    if (inside > INSIDE_MAX) {
      throw TrimtabException.invalid(
          "The schema is too deep: more than %d schemas are inside each other"
              .formatted(INSIDE_MAX));
    }
    parts.set(
        made, all.alternatives().map(split -> choice(all, split)).orElseGet(() -> plain(all)));
    inside--;
    return made;
  }

  private int add(Part part) {
    if (parts.size() == PARTS_MAX) {
      throw TrimtabException.invalid(
          "The schema is too large: its parts and their combinations are more than " + PARTS_MAX);
    }
    parts.add(part);
    return parts.size() - 1;
  }

  /** One of the alternatives together with everything else. */
  private Part choice(SchemaConjunction all, SchemaPlace split) {
    List<Integer> options = new ArrayList<>();
    for (SchemaPlace option : split.list()) {
      List<SchemaPlace> together = new ArrayList<>(all.without(split));
      together.add(option);
      options.add(part(together));
    }
    return new Part.Choice(options);
  }

  private Part plain(SchemaConjunction all) {
    if (all.isImpossible()) {
      return new Part.Choice(List.of());
    }
    Assertions assertions = Assertions.of(all.schemas(), budget);
    Optional<List<JsonNode>> values = assertions.values();
    return values.isPresent()
        ? new ListedValues(this::add, budget).part(values.get(), assertions, all.schemas())
        : new Part.Choice(forms(all.schemas(), assertions));
  }

  private List<Integer> forms(List<SchemaPlace> schemas, Assertions assertions) {
    // What is inside is read even where the type is another: a mistake there is a mistake.
    Part.Members members = new MemberReader(this, budget).read(schemas);
    Part.Items items = new ItemReader(this).read(schemas);
    List<Integer> forms = new ArrayList<>();
    if (assertions.allows(Type.OBJECT)) {
      forms.add(add(members));
    }
    if (assertions.allows(Type.ARRAY)) {
      forms.add(add(items));
    }
    if (assertions.allows(Type.STRING)) {
      forms.add(add(new Part.Text(assertions.lengthLeast(), assertions.lengthMost())));
    }
    if (assertions.allows(Type.INTEGER)) {
      forms.add(add(new Part.Word(numbers(assertions))));
    }
    if (assertions.allows(Type.BOOLEAN)) {
      forms.add(add(new Part.Word(Lexeme.BOOLEAN)));
    }
    if (assertions.allows(Type.NULL)) {
      forms.add(add(new Part.Word(Lexeme.NULL)));
    }
    return forms;
  }

  private Lexeme numbers(Assertions assertions) {
    boolean integers = !assertions.allows(Type.NUMBER);
    if (assertions.bounds().isNone()) {
      return integers ? Lexeme.INTEGER : Lexeme.NUMBER;
    }
    budget.spend(NumberRange.cost(assertions.bounds()));
    return NumberRange.of(assertions.bounds(), integers);
  }
}
