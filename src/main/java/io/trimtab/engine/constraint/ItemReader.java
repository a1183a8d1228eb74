package io.trimtab.engine.constraint;

import java.util.ArrayList;
import java.util.List;

/** Reads what schemas that hold together say about an array. */
final class ItemReader {
  private final SchemaCompiler compiler;

  ItemReader(SchemaCompiler compiler) {
    this.compiler = compiler;
  }

  Part.Items read(List<SchemaPlace> schemas) {
    int least = 0;
    int most = Part.UNBOUNDED;
    int prefix = 0;
    for (SchemaPlace schema : schemas) {
      least = Math.max(least, schema.count("minItems").orElse(0));
      most = Math.min(most, schema.count("maxItems").orElse(Part.UNBOUNDED));
      if (schema.has("prefixItems")) {
        prefix = Math.max(prefix, schema.at("prefixItems").list().size());
      }
      if (schema.has("uniqueItems")
          && !(schema.node().get("uniqueItems").isBoolean()
              && !schema.node().get("uniqueItems").booleanValue())) {
        throw schema.at("uniqueItems").refusal("can't be enforced, expected false or nothing");
      }
    }
    List<Integer> elements = new ArrayList<>();
    for (int index = 0; index < prefix; index++) {
      elements.add(compiler.part(at(index, schemas)));
    }
    return new Part.Items(elements, compiler.part(at(prefix, schemas)), least, most);
  }

  private static List<SchemaPlace> at(int index, List<SchemaPlace> schemas) {
    List<SchemaPlace> said = new ArrayList<>();
    for (SchemaPlace schema : schemas) {
      if (index < schema.at("prefixItems").node().size()) {
        said.add(schema.at("prefixItems").at(index));
      } else if (schema.has("items")) {
        said.add(schema.at("items"));
      }
    }
    return said;
  }
}
