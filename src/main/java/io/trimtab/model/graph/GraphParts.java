package io.trimtab.model.graph;

import com.google.protobuf.ByteString;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What an {@link OnnxGraph} and its scopes collect together: values, nodes, constants, weights. */
final class GraphParts {
  /** A declared value; each dimension is a {@link Long}, or a {@link String} that names it. */
  record Value(String name, DType dtype, List<Object> dims) {
    Value {
      dims = dims.stream().map(Value::dim).toList();
    }

    private static Object dim(Object dim) {
      return switch (dim) {
        case Integer size -> size.longValue();
        case Long size -> size;
        case String symbol -> symbol;
        default ->
            throw new IllegalArgumentException("Expected a dimension as a number or name: " + dim);
      };
    }
  }

  record Node(
      String domain,
      String opType,
      String name,
      List<String> inputs,
      List<String> outputs,
      List<Attribute> attributes) {}

  /** A small initializer whose bytes stand in the graph file. */
  record Constant(String name, DType dtype, Shape shape, ByteString littleEndian) {}

  /** A large initializer whose bytes stand in the data file. */
  record Weight(String name, DType dtype, Shape shape, WeightSource source) {
    long bytes() {
      return Math.multiplyExact(shape.elements(), dtype.bytes());
    }
  }

  final List<Value> inputs = new ArrayList<>();
  final List<Value> outputs = new ArrayList<>();
  final List<Value> described = new ArrayList<>();
  final List<Node> nodes = new ArrayList<>();
  private final Map<String, Constant> constants = new LinkedHashMap<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();
  private final Set<String> values = new LinkedHashSet<>();
  private final Map<String, Integer> counters = new HashMap<>();

  Collection<Constant> constants() {
    return constants.values();
  }

  Collection<Weight> weights() {
    return weights.values();
  }

  /** Takes {@code name} for a new value. */
  String claim(String name) {
    if (name.isEmpty() || !values.add(name)) {
      throw new IllegalArgumentException("The graph has a value named \"%s\"".formatted(name));
    }
    return name;
  }

  /** {@code name}, with the lowest number behind it that makes it unique. */
  String unique(String name) {
    String candidate = name;
    while (values.contains(candidate)) {
      candidate = name + "_" + counters.merge(name, 1, Integer::sum);
    }
    return claim(candidate);
  }

  /** Renames what a node gives, wherever it is read. */
  void rename(String from, String to) {
    claim(to);
    if (!values.remove(from)) {
      throw new IllegalArgumentException("The graph has no value named \"%s\"".formatted(from));
    }
    nodes.replaceAll(
        node ->
            new Node(
                node.domain,
                node.opType,
                node.name,
                renamed(node.inputs, from, to),
                renamed(node.outputs, from, to),
                node.attributes));
  }

  private static List<String> renamed(List<String> names, String from, String to) {
    return names.stream().map(name -> name.equals(from) ? to : name).toList();
  }

  void require(String value, String by) {
    if (!values.contains(value)) {
      throw new IllegalArgumentException(
          "%s reads \"%s\", which no input, initializer or earlier node gives"
              .formatted(by, value));
    }
  }

  String constant(Constant constant) {
    if (constants.putIfAbsent(constant.name(), constant) == null) {
      claim(constant.name());
    }
    return constant.name();
  }

  String weight(Weight weight) {
    Weight known = weights.putIfAbsent(weight.name(), weight);
    if (known == null) {
      return claim(weight.name());
    }
    if (known.dtype() != weight.dtype() || !known.shape().equals(weight.shape())) {
      throw new IllegalArgumentException(
          "Weight %s is %s %s, and again %s %s"
              .formatted(
                  weight.name(), known.dtype(), known.shape(), weight.dtype(), weight.shape()));
    }
    return known.name();
  }
}
