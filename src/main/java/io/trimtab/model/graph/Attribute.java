package io.trimtab.model.graph;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** A named constant of a node, such as {@code axis} of Gather. Immutable. */
public sealed interface Attribute {
  String name();

  record IntAttribute(String name, long value) implements Attribute {}

  record FloatAttribute(String name, float value) implements Attribute {}

  record StringAttribute(String name, String value) implements Attribute {}

  record IntsAttribute(String name, List<Long> values) implements Attribute {
    public IntsAttribute {
      values = List.copyOf(values);
    }
  }

  record FloatsAttribute(String name, List<Float> values) implements Attribute {
    public FloatsAttribute {
      values = List.copyOf(values);
    }
  }

  static Attribute of(String name, long value) {
    return new IntAttribute(name, value);
  }

  static Attribute of(String name, float value) {
    return new FloatAttribute(name, value);
  }

  static Attribute of(String name, String value) {
    return new StringAttribute(name, value);
  }

  static Attribute ints(String name, long... values) {
    return new IntsAttribute(name, LongStream.of(values).boxed().toList());
  }

  static Attribute floats(String name, float... values) {
    List<Float> boxed = IntStream.range(0, values.length).mapToObj(i -> values[i]).toList();
    return new FloatsAttribute(name, boxed);
  }
}
