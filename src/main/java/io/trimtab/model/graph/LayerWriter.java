package io.trimtab.model.graph;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.Weights;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.util.List;

/**
 * The layers that every one of our graphs is made of, written at one precision: linear, norms,
 * activations. Weights are named as in the checkpoint and looked up with the shape that the
 * configuration promises.
 */
final class LayerWriter {
  /**
   * MatMulNBits: activations are quantised to 8 bits on the way in; without it int8 is slower than
   * fp32.
   */
  private static final int ACCURACY_INT8 = 4;

  private final OnnxGraph graph;
  private final Weights weights;
  private final Precision precision;

  LayerWriter(OnnxGraph graph, Weights weights, Precision precision) {
    this.graph = graph;
    this.weights = weights;
    this.precision = precision;
  }

  OnnxGraph graph() {
    return graph;
  }

  DType activation() {
    return precision.activation();
  }

  /** {@code x Wᵀ} for {@code W [outputs, inputs]}; x is {@code [..., inputs]}. */
  String linear(String x, String module, int inputs, int outputs) {
    return product(x, module, weights.get(module + ".weight", outputs, inputs));
  }

  /** {@code x Wᵀ + bias}. */
  String linearWithBias(String x, String module, int inputs, int outputs) {
    String product = linear(x, module, inputs, outputs);
    return graph.in(module).node("Add", List.of(product, vector(module + ".bias", outputs)));
  }

  /**
   * {@code x Wᵀ} for a weight that was found under any name and is stored as {@code [outputs, …]}.
   */
  String product(String x, String name, Tensor weight) {
    int outputs = Math.toIntExact(weight.shape().dim(0));
    int inputs = Math.toIntExact(weight.shape().elements() / outputs);
    if (!precision.quantized()) {
      String transposed =
          graph.weight(
              name + ".weight_t",
              activation(),
              Shape.of(inputs, outputs),
              target -> LinearWeights.transposed(weight, activation(), target));
      return graph.in(name).node("MatMul", List.of(x, transposed));
    }
    int bits = precision.weightBits();
    int blocks = LinearWeights.blocks(inputs);
    String quantized =
        graph.weight(
            name + ".weight_q" + bits,
            DType.U8,
            Shape.of(outputs, blocks, LinearWeights.BLOCK * bits / 8),
            target -> LinearWeights.quantized(weight, bits, target));
    String scales =
        graph.weight(
            name + ".scales",
            DType.F32,
            Shape.of((long) outputs * blocks),
            target -> LinearWeights.scales(weight, bits, target));
    return graph
        .in(name)
        .node(
            OnnxGraph.MICROSOFT,
            "MatMulNBits",
            List.of(x, quantized, scales),
            Attribute.of("K", inputs),
            Attribute.of("N", outputs),
            Attribute.of("bits", bits),
            Attribute.of("block_size", LinearWeights.BLOCK),
            Attribute.of("accuracy_level", ACCURACY_INT8));
  }

  /**
   * Adds {@code (x a) b} to {@code base}: each row of the batch with its own {@code a [slots,
   * inputs, rank]} and {@code b [slots, rank, outputs]}, or all with one where slots is 1. Rank 0
   * adds zeros. {@code a} lies this way round because small batched products with a transposed
   * operand are slower on a CPU.
   */
  String withDelta(String base, String x, String deltaA, String deltaB) {
    String down = graph.node("MatMul", List.of(x, deltaA));
    return graph.node("Add", List.of(base, graph.node("MatMul", List.of(down, deltaB))));
  }

  /** A one-dimensional weight in the activation's type. */
  String vector(String name, int size) {
    return copy(name, weights.get(name, size));
  }

  /** A weight as it is, in the activation's type. */
  String copy(String name, Tensor weight) {
    return graph.weight(
        name,
        activation(),
        weight.shape(),
        target ->
            Floats.convert(
                weight.data(), weight.dtype(), target, activation(), weight.shape().elements()));
  }

  String rmsNorm(String x, String module, int size, float epsilon) {
    return graph.node(
        "RMSNormalization",
        List.of(x, vector(module + ".weight", size)),
        Attribute.of("axis", -1),
        Attribute.of("epsilon", epsilon));
  }

  String layerNorm(String x, String module, int size, float epsilon) {
    return graph.node(
        "LayerNormalization",
        List.of(x, vector(module + ".weight", size), vector(module + ".bias", size)),
        Attribute.of("axis", -1),
        Attribute.of("epsilon", epsilon));
  }

  /** SiLU in one node: {@code x · sigmoid(1 · x)}. */
  String silu(String x) {
    return graph.node(OnnxGraph.MICROSOFT, "QuickGelu", List.of(x), Attribute.of("alpha", 1.0f));
  }

  /** An activation by its Hugging Face name. */
  String activation(String x, String name) {
    return switch (name) {
      case "gelu" -> graph.node("Gelu", List.of(x), Attribute.of("approximate", "none"));
      case "gelu_pytorch_tanh", "gelu_new" ->
          graph.node("Gelu", List.of(x), Attribute.of("approximate", "tanh"));
      case "quick_gelu" ->
          graph.node(OnnxGraph.MICROSOFT, "QuickGelu", List.of(x), Attribute.of("alpha", 1.702f));
      case "silu" -> silu(x);
      default ->
          throw TrimtabException.invalid(
              "config.json has the activation '%s', expected gelu, gelu_pytorch_tanh, quick_gelu or silu"
                  .formatted(name));
    };
  }
}
