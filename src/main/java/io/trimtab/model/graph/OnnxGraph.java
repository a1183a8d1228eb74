package io.trimtab.model.graph;

import com.google.protobuf.ByteString;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;

/**
 * An ONNX graph under construction, in the order in which it runs: a node may read only what stands
 * before it. Operators come from opset 23 of ONNX and from {@link #MICROSOFT}.
 *
 * <p>{@link #in} gives the same graph under a scope, whose name stands before the names of the
 * nodes and values made through it ({@code layers.0.q_proj/MatMul}); names of inputs, outputs,
 * weights and constants are taken as they are. A mistake (an unknown value, a name taken twice) is
 * an IllegalArgumentException at once. Not thread-safe.
 */
public final class OnnxGraph {
  /** The domain of ONNX Runtime's own operators, such as GroupQueryAttention. */
  public static final String MICROSOFT = "com.microsoft";

  private final String name;
  private final String scope;
  private final GraphParts parts;

  public OnnxGraph(String name) {
    this(name, "", new GraphParts());
  }

  private OnnxGraph(String name, String scope, GraphParts parts) {
    this.name = name;
    this.scope = scope;
    this.parts = parts;
  }

  /** The same graph; what is made through the result stands under {@code inner}. */
  public OnnxGraph in(String inner) {
    return new OnnxGraph(name, scope.isEmpty() ? inner : scope + "." + inner, parts);
  }

  /**
   * Declares an input.
   *
   * @param dims outermost first: Long or Integer where fixed, a String naming the dimension where
   *     free; none for a scalar
   * @return {@code name}
   */
  public String input(String name, DType dtype, Object... dims) {
    parts.inputs.add(new GraphParts.Value(parts.claim(name), dtype, Arrays.asList(dims)));
    return name;
  }

  /** Declares that the value {@code name}, which stands in the graph already, is an output. */
  public void output(String name, DType dtype, Object... dims) {
    parts.require(name, "The output");
    parts.outputs.add(new GraphParts.Value(name, dtype, Arrays.asList(dims)));
  }

  /** Gives an inner value a name of its own and declares it an output; returns that name. */
  public String result(String value, String outputName, DType dtype, Object... dims) {
    parts.rename(value, outputName);
    output(outputName, dtype, dims);
    return outputName;
  }

  /** States type and shape of an inner value, for viewers and for checks when the graph loads. */
  public void describe(String value, DType dtype, Object... dims) {
    parts.require(value, "The description");
    parts.described.add(new GraphParts.Value(value, dtype, Arrays.asList(dims)));
  }

  /** Adds an ONNX node; an empty input stands for an optional one left out. Returns its output. */
  public String node(String opType, List<String> inputs, Attribute... attributes) {
    return node("", opType, inputs, attributes);
  }

  /** Adds a node of {@code domain} with one output. Returns that output's name. */
  public String node(String domain, String opType, List<String> inputs, Attribute... attributes) {
    String output = parts.unique(scoped(opType));
    add(domain, opType, output, inputs, List.of(output), attributes);
    return output;
  }

  /**
   * Adds a node with outputs named by the caller, not scoped; an empty name leaves an optional
   * output out. Returns {@code outputNames}.
   */
  public List<String> nodes(
      String domain,
      String opType,
      List<String> inputs,
      List<String> outputNames,
      Attribute... attributes) {
    outputNames.stream().filter(output -> !output.isEmpty()).forEach(parts::claim);
    add(
        domain,
        opType,
        scoped(opType) + ":" + outputNames.getFirst(),
        inputs,
        outputNames,
        attributes);
    return outputNames;
  }

  /** A name under this graph's scope that nothing else has; for {@link #nodes}. */
  public String scoped(String inner) {
    return scope.isEmpty() ? inner : scope + "/" + inner;
  }

  private void add(
      String domain,
      String opType,
      String nodeName,
      List<String> inputs,
      List<String> outputs,
      Attribute[] attributes) {
    inputs.stream()
        .filter(input -> !input.isEmpty())
        .forEach(input -> parts.require(input, nodeName));
    parts.nodes.add(
        new GraphParts.Node(
            domain,
            opType,
            nodeName,
            List.copyOf(inputs),
            List.copyOf(outputs),
            List.of(attributes)));
  }

  /** A constant F32 scalar (rank 0). Equal constants are one. */
  public String scalar(float value) {
    return scalar(DType.F32, value);
  }

  /** A constant scalar (rank 0) of F32, F16 or BF16, rounded to it. Equal constants are one. */
  public String scalar(DType dtype, float value) {
    return constant("const/%s/%s".formatted(dtype, value), dtype, Shape.of(), floats(dtype, value));
  }

  /** A constant I64 scalar (rank 0), such as Gather's index. Equal constants are one. */
  public String index(long value) {
    return constant("const/index/" + value, DType.I64, Shape.of(), longs(value));
  }

  /** A constant I64 {@code [values]}, such as a shape or axes. Equal constants are one. */
  public String constant(long... values) {
    String key = "const/I64" + Arrays.toString(values).replace(" ", "");
    return constant(key, DType.I64, Shape.of(values.length), longs(values));
  }

  /** A small constant that stands in the graph file; the first of a name stays. */
  public String constant(String name, DType dtype, Shape shape, byte[] littleEndian) {
    if (littleEndian.length != shape.elements() * dtype.bytes()) {
      throw new IllegalArgumentException(
          "Constant %s is %s %s, and has %d bytes"
              .formatted(name, dtype, shape, littleEndian.length));
    }
    return parts.constant(
        new GraphParts.Constant(name, dtype, shape, ByteString.copyFrom(littleEndian)));
  }

  /**
   * A weight in the data file beside the graph. The same name again is the same weight, stored
   * once.
   */
  public String weight(String name, DType dtype, Shape shape, WeightSource source) {
    if (shape.elements() == 0) {
      throw new IllegalArgumentException("Weight %s %s has no elements".formatted(name, shape));
    }
    return parts.weight(new GraphParts.Weight(name, dtype, shape, source));
  }

  /** Bytes of all weights together. */
  public long weightBytes() {
    return parts.weights().stream().mapToLong(GraphParts.Weight::bytes).sum();
  }

  /**
   * Writes {@code fileName.onnx} and, where there are weights, {@code fileName.onnx.data} beside
   * it, replacing both. The weights are on the disk before the graph is written; a graph file that
   * is whole has its weights.
   */
  public void save(Path folder, String fileName, WriteProgress progress) throws IOException {
    String dataName = fileName + ".onnx.data";
    Path graphFile = folder.resolve(fileName + ".onnx");
    Files.deleteIfExists(graphFile);
    WeightFile data = WeightFile.layout(List.copyOf(parts.weights()));
    data.write(folder.resolve(dataName), progress);
    Path part = folder.resolve(fileName + ".onnx.part");
    Files.write(part, OnnxEncoder.model(name, parts, data, dataName));
    Files.move(part, graphFile, StandardCopyOption.REPLACE_EXISTING);
  }

  private static byte[] longs(long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    return bytes.array();
  }

  private static byte[] floats(DType dtype, float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(dtype.bytes() * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (dtype) {
        case F32 -> bytes.putFloat(value);
        case F16 -> bytes.putShort(Float.floatToFloat16(value));
        case BF16 -> bytes.putShort(Floats.toBf16(value));
        case U8, I8, I32, I64, BOOL, F64 ->
            throw new IllegalArgumentException("Expected F32, F16 or BF16, got " + dtype);
      }
    }
    return bytes.array();
  }
}
