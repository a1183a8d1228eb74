package io.trimtab.engine.constraint;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** Reads what schemas that hold together say about an object. */
final class MemberReader {
  private final SchemaCompiler compiler;
  private final SchemaBudget budget;

  MemberReader(SchemaCompiler compiler, SchemaBudget budget) {
    this.compiler = compiler;
    this.budget = budget;
  }

  Part.Members read(List<SchemaPlace> schemas) {
    Set<String> required = new LinkedHashSet<>();
    Set<String> all = new LinkedHashSet<>();
    for (SchemaPlace schema : schemas) {
      if (schema.has("properties")) {
        all.addAll(schema.at("properties").names());
      }
      if (schema.has("required")) {
        required.addAll(requiredNames(schema.at("required")));
      }
    }
    all.addAll(required);
    List<String> names = List.copyOf(all);
    names.forEach(name -> budget.spend(1 + name.length()));
    List<String> spelled = new ArrayList<>();
    List<Integer> members = new ArrayList<>();
    BitSet must = new BitSet();
    for (int member = 0; member < names.size(); member++) {
      String name = names.get(member);
      String written = JsonValues.written(name);
      spelled.add(written.substring(1, written.length() - 1));
      members.add(compiler.part(of(name, schemas)));
      must.set(member, required.contains(name));
    }
    boolean closed = schemas.stream().anyMatch(MemberReader::isClosed);
    schemas.forEach(schema -> requireSaidAlready(schema, required.size(), all.size(), closed));
    return new Part.Members(
        new MemberNames(spelled, must), members, compiler.part(additional(schemas)));
  }

  private static List<String> requiredNames(SchemaPlace required) {
    if (!required.node().isArray()) {
      throw required.refusal("is not a list of names");
    }
    return required.texts();
  }

  private static List<SchemaPlace> of(String name, List<SchemaPlace> schemas) {
    List<SchemaPlace> said = new ArrayList<>();
    for (SchemaPlace schema : schemas) {
      if (schema.at("properties").has(name)) {
        said.add(schema.at("properties").at(name));
      } else if (schema.has("additionalProperties")) {
        said.add(schema.at("additionalProperties"));
      }
    }
    return said;
  }

  private static List<SchemaPlace> additional(List<SchemaPlace> schemas) {
    return schemas.stream()
        .filter(schema -> schema.has("additionalProperties"))
        .map(schema -> schema.at("additionalProperties"))
        .toList();
  }

  private static boolean isClosed(SchemaPlace schema) {
    return schema.node().path("additionalProperties").isBoolean()
        && !schema.node().get("additionalProperties").booleanValue();
  }

  /** Members can't be counted where one name may come twice, which JSON allows. */
  private static void requireSaidAlready(
      SchemaPlace schema, int required, int listed, boolean closed) {
    OptionalInt least = schema.count("minProperties");
    if (least.isPresent() && least.getAsInt() > required) {
      throw schema
          .at("minProperties")
          .refusal("is above the number of required members (%d)".formatted(required));
    }
    OptionalInt most = schema.count("maxProperties");
    if (most.isPresent() && (!closed || most.getAsInt() < listed)) {
      throw schema
          .at("maxProperties")
          .refusal("is supported from the number of listed members on, where no others may come");
    }
  }
}
