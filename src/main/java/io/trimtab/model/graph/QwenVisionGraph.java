package io.trimtab.model.graph;

import io.trimtab.model.ModelConfig.QwenVision;
import io.trimtab.model.Weights;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Tensor;
import java.util.List;

/**
 * Writes {@code vision_tower.onnx} of Qwen2.5-VL, up to and with the merger's norm.
 *
 * <p>Patches come in window order. A windowed layer gathers them into {@code [windows, length]}
 * padded cells, attends under {@code window_bias}, and gathers them back: no dense mask. In:
 *
 * <ul>
 *   <li>{@code pixel_patches [patches, channels·temporal·patch·patch]}
 *   <li>{@code rope_cos}, {@code rope_sin [1, patches, head_dim/2]}
 *   <li>{@code window_rows [windows, length]} i64, the patch in each cell
 *   <li>{@code window_bias [windows, 1, length, length]}, 0 or a large negative number at padding
 *   <li>{@code window_cells [patches]} i64, the cell of each patch
 *   <li>{@code reading_order [groups]} i64, for each merged token in reading order its place in
 *       window order
 * </ul>
 *
 * Out: {@code features [groups, hidden·merge²]} in reading order.
 */
final class QwenVisionGraph {
  private static final float NORM_EPSILON = 1e-6f;

  private final LayerWriter layers;
  private final OnnxGraph graph;
  private final QwenVision vision;
  private final Weights weights;

  private QwenVisionGraph(LayerWriter layers, QwenVision vision, Weights weights) {
    this.layers = layers;
    this.graph = layers.graph();
    this.vision = vision;
    this.weights = weights;
  }

  static OnnxGraph write(QwenVision vision, Weights weights, Precision precision) {
    OnnxGraph graph = new OnnxGraph("vision_tower");
    new QwenVisionGraph(new LayerWriter(graph, weights, precision), vision, weights).write();
    return graph;
  }

  private void write() {
    DType activation = layers.activation();
    int halfHead = vision.hiddenSize() / vision.attentionHeads() / 2;
    int patch = vision.patchSize();
    int patchWidth = vision.channels() * vision.temporalPatchSize() * patch * patch;
    String pixels = graph.input("pixel_patches", activation, "patches", patchWidth);
    Rotary rotary =
        new Rotary(
            graph.input("rope_cos", activation, 1, "patches", halfHead),
            graph.input("rope_sin", activation, 1, "patches", halfHead));
    Windows windows =
        new Windows(
            graph.input("window_rows", DType.I64, "windows", "length"),
            graph.input("window_bias", activation, "windows", 1, "length", "length"),
            graph.input("window_cells", DType.I64, "patches"));
    String readingOrder = graph.input("reading_order", DType.I64, "groups");

    Tensor kernel =
        weights.get(
            "vision_tower.patch_embed.proj.weight",
            vision.hiddenSize(),
            vision.channels(),
            vision.temporalPatchSize(),
            patch,
            patch);
    String x = layers.product(pixels, "vision_tower.patch_embed.proj", kernel);
    for (int block = 0; block < vision.layers(); block++) {
      x = block(x, block, rotary, windows);
    }
    String normed = layers.rmsNorm(x, "projector.ln_q", vision.hiddenSize(), NORM_EPSILON);
    int merged = vision.hiddenSize() * vision.spatialMergeSize() * vision.spatialMergeSize();
    String groups = graph.node("Reshape", List.of(normed, graph.constant(-1, merged)));
    String ordered = graph.node("Gather", List.of(groups, readingOrder), Attribute.of("axis", 0));
    graph.result(ordered, "features", activation, "groups", merged);
  }

  private String block(String x, int block, Rotary rotary, Windows windows) {
    int hidden = vision.hiddenSize();
    String module = "vision_tower.blocks." + block;
    String normed = layers.rmsNorm(x, module + ".norm1", hidden, NORM_EPSILON);
    String qkv = layers.linearWithBias(normed, module + ".attn.qkv", hidden, 3 * hidden);
    List<String> parts =
        graph.nodes(
            "",
            "Split",
            List.of(qkv),
            List.of(module + ".q", module + ".k", module + ".v"),
            Attribute.of("axis", -1),
            Attribute.of("num_outputs", 3));
    String q = rotate(parts.get(0), rotary);
    String k = rotate(parts.get(1), rotary);
    String v = parts.get(2);
    String attended =
        vision.fullAttentionBlocks().contains(block)
            ? attendWhole(q, k, v)
            : attendWindows(q, k, v, windows);
    String projected = layers.linearWithBias(attended, module + ".attn.proj", hidden, hidden);
    String sum = graph.node("Add", List.of(x, projected));
    String normedSum = layers.rmsNorm(sum, module + ".norm2", hidden, NORM_EPSILON);
    return graph.node("Add", List.of(sum, mlp(normedSum, module + ".mlp")));
  }

  /** {@code [patches, hidden]} through a leading dimension of 1, which RotaryEmbedding asks for. */
  private String rotate(String x, Rotary rotary) {
    String rotated =
        graph.node(
            "RotaryEmbedding",
            List.of(unsqueeze(x), rotary.cos, rotary.sin),
            Attribute.of("num_heads", vision.attentionHeads()));
    return flatten(rotated);
  }

  private String attendWhole(String q, String k, String v) {
    return flatten(
        graph.node(
            OnnxGraph.MICROSOFT,
            "MultiHeadAttention",
            List.of(unsqueeze(q), unsqueeze(k), unsqueeze(v)),
            Attribute.of("num_heads", vision.attentionHeads())));
  }

  private String attendWindows(String q, String k, String v, Windows windows) {
    String attended =
        graph.node(
            OnnxGraph.MICROSOFT,
            "MultiHeadAttention",
            List.of(
                gather(q, windows.rows),
                gather(k, windows.rows),
                gather(v, windows.rows),
                "",
                "",
                windows.bias),
            Attribute.of("num_heads", vision.attentionHeads()));
    return gather(flatten(attended), windows.cells);
  }

  private String mlp(String x, String module) {
    int hidden = vision.hiddenSize();
    int inner = vision.intermediateSize();
    String gate = layers.linearWithBias(x, module + ".gate_proj", hidden, inner);
    String up = layers.linearWithBias(x, module + ".up_proj", hidden, inner);
    String product = graph.node("Mul", List.of(layers.activation(gate, vision.activation()), up));
    return layers.linearWithBias(product, module + ".down_proj", inner, hidden);
  }

  private String gather(String rows, String indices) {
    return graph.node("Gather", List.of(rows, indices), Attribute.of("axis", 0));
  }

  private String unsqueeze(String x) {
    return graph.node("Unsqueeze", List.of(x, graph.constant(0)));
  }

  private String flatten(String x) {
    return graph.node("Reshape", List.of(x, graph.constant(-1, vision.hiddenSize())));
  }

  private record Rotary(String cos, String sin) {}

  private record Windows(String rows, String bias, String cells) {}
}
