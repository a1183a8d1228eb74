package io.trimtab.model.graph;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig.ClipVision;
import io.trimtab.model.ModelConfig.LlavaFamily;
import io.trimtab.model.ModelConfig.SiglipVision;
import io.trimtab.model.ModelConfig.TileVision;
import io.trimtab.model.Weights;
import io.trimtab.tensor.Floats;
import io.trimtab.tensor.Tensor;
import java.util.List;

/**
 * Writes {@code vision_tower.onnx} of the LLaVA families: SigLIP or CLIP, as far as the chosen
 * hidden state, without what stands behind it.
 *
 * <p>In: {@code pixel_patches [tiles, channels, side, side]}. Out: {@code features [tiles, rows,
 * hidden]}: a row for each patch, and CLIP's class token before them where it is kept.
 */
final class TileTowerGraph {
  private static final String PATCHES = "vision_tower.embeddings.patch_embedding";
  private static final String POSITIONS = "vision_tower.embeddings.position_embedding.weight";

  private final LayerWriter layers;
  private final OnnxGraph graph;
  private final LlavaFamily config;
  private final TileVision vision;
  private final Weights weights;

  private TileTowerGraph(LayerWriter layers, LlavaFamily config, Weights weights) {
    this.layers = layers;
    this.graph = layers.graph();
    this.config = config;
    this.vision = config.vision();
    this.weights = weights;
  }

  static OnnxGraph write(LlavaFamily config, Weights weights, Precision precision) {
    OnnxGraph graph = new OnnxGraph("vision_tower");
    LayerWriter layers = new LayerWriter(graph, weights, precision);
    new TileTowerGraph(layers, config, weights).write(depth(config));
    return graph;
  }

  /** Layers to run for the chosen hidden state; hidden state 0 is the embedding. */
  private static int depth(LlavaFamily config) {
    int layers = config.vision().layers();
    int chosen = config.visionFeatureLayer();
    int depth = chosen < 0 ? layers + 1 + chosen : chosen;
    if (depth < 0 || depth > layers) {
      throw TrimtabException.invalid(
          "config.json has the vision_feature_layer %d, the tower has %d layers"
              .formatted(chosen, layers));
    }
    return depth;
  }

  private void write(int depth) {
    int side = vision.imageSize();
    String pixels =
        graph.input("pixel_patches", layers.activation(), "tiles", vision.channels(), side, side);
    String x =
        switch (vision) {
          case SiglipVision _ -> embed(pixels);
          case ClipVision _ -> embedWithClass(pixels);
        };
    for (int layer = 0; layer < depth; layer++) {
      x = block(x, "vision_tower.encoder.layers." + layer);
    }
    if (vision.hasClassToken() && !config.keepsClassToken()) {
      x = rows(x, 1, 1 + patches());
    }
    graph.result(
        x, "features", layers.activation(), "tiles", config.featuresPerTile(), vision.hiddenSize());
  }

  private String embed(String pixels) {
    String kernel = kernel();
    String bias = layers.vector(PATCHES + ".bias", vision.hiddenSize());
    String patches = patchRows(List.of(pixels, kernel, bias));
    Tensor positions = weights.get(POSITIONS, patches(), vision.hiddenSize());
    return graph.node("Add", List.of(patches, layers.copy(POSITIONS, positions)));
  }

  /** CLIP: no bias, a class token before the patches, a norm behind the positions. */
  private String embedWithClass(String pixels) {
    int hidden = vision.hiddenSize();
    String patches = patchRows(List.of(pixels, kernel()));
    String first = rows(patches, 0, 1);
    // A row of zeros for each tile.
    String zeros = graph.node("Sub", List.of(first, first));
    String all = graph.node("Concat", List.of(zeros, patches), Attribute.of("axis", 1));
    String embedded = graph.node("Add", List.of(all, classAndPositions()));
    // Spelled so in every checkpoint.
    return layers.layerNorm(
        embedded, "vision_tower.pre_layrnorm", hidden, vision.layerNormEpsilon());
  }

  /** Positions {@code [1 + patches, hidden]}, the class token's embedding within the first row. */
  private String classAndPositions() {
    int hidden = vision.hiddenSize();
    Tensor positions = weights.get(POSITIONS, 1 + patches(), hidden);
    Tensor token = weights.get("vision_tower.embeddings.class_embedding", hidden);
    return graph.weight(
        POSITIONS,
        layers.activation(),
        positions.shape(),
        target -> {
          Floats.convert(
              positions.data(),
              positions.dtype(),
              target,
              layers.activation(),
              positions.shape().elements());
          for (int i = 0; i < hidden; i++) {
            float sum =
                Floats.get(positions.data(), positions.dtype(), i)
                    + Floats.get(token.data(), token.dtype(), i);
            Floats.set(target, layers.activation(), i, sum);
          }
        });
  }

  private String kernel() {
    int patch = vision.patchSize();
    return layers.copy(
        PATCHES + ".weight",
        weights.get(PATCHES + ".weight", vision.hiddenSize(), vision.channels(), patch, patch));
  }

  /** {@code [tiles, patches, hidden]}. */
  private String patchRows(List<String> convolved) {
    int patch = vision.patchSize();
    String patches =
        graph.node(
            "Conv",
            convolved,
            Attribute.ints("kernel_shape", patch, patch),
            Attribute.ints("strides", patch, patch));
    String rows =
        graph.node("Reshape", List.of(patches, graph.constant(0, vision.hiddenSize(), patches())));
    return graph.node("Transpose", List.of(rows), Attribute.ints("perm", 0, 2, 1));
  }

  /** Rows {@code from} to {@code to} of each tile. */
  private String rows(String x, int from, int to) {
    return graph.node(
        "Slice", List.of(x, graph.constant(from), graph.constant(to), graph.constant(1)));
  }

  private String block(String x, String module) {
    int hidden = vision.hiddenSize();
    String normed = layers.layerNorm(x, module + ".layer_norm1", hidden, vision.layerNormEpsilon());
    String attention = module + ".self_attn";
    String attended =
        graph.node(
            OnnxGraph.MICROSOFT,
            "MultiHeadAttention",
            List.of(
                layers.linearWithBias(normed, attention + ".q_proj", hidden, hidden),
                layers.linearWithBias(normed, attention + ".k_proj", hidden, hidden),
                layers.linearWithBias(normed, attention + ".v_proj", hidden, hidden)),
            Attribute.of("num_heads", vision.attentionHeads()));
    String projected = layers.linearWithBias(attended, attention + ".out_proj", hidden, hidden);
    String sum = graph.node("Add", List.of(x, projected));
    String normedSum =
        layers.layerNorm(sum, module + ".layer_norm2", hidden, vision.layerNormEpsilon());
    int inner = vision.intermediateSize();
    String up = layers.linearWithBias(normedSum, module + ".mlp.fc1", hidden, inner);
    String down =
        layers.linearWithBias(
            layers.activation(up, vision.activation()), module + ".mlp.fc2", inner, hidden);
    return graph.node("Add", List.of(sum, down));
  }

  private int patches() {
    return vision.patchesPerSide() * vision.patchesPerSide();
  }
}
