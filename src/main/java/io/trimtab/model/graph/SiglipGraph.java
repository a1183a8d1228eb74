package io.trimtab.model.graph;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig.LlavaOnevision;
import io.trimtab.model.ModelConfig.SiglipVision;
import io.trimtab.model.Weights;
import io.trimtab.tensor.Tensor;
import java.util.List;

/**
 * Writes {@code vision_tower.onnx} of LLaVA-OneVision: SigLIP without its last norm and its head.
 *
 * <p>In: {@code pixel_patches [tiles, channels, side, side]}. Out: {@code features [tiles, patches,
 * hidden]}.
 */
final class SiglipGraph {
  private final LayerWriter layers;
  private final OnnxGraph graph;
  private final SiglipVision vision;
  private final Weights weights;

  private SiglipGraph(LayerWriter layers, SiglipVision vision, Weights weights) {
    this.layers = layers;
    this.graph = layers.graph();
    this.vision = vision;
    this.weights = weights;
  }

  static OnnxGraph write(LlavaOnevision config, Weights weights, Precision precision) {
    if (!config.visionFeatureSelect().equals("full")) {
      throw TrimtabException.invalid(
          "config.json has the vision_feature_select_strategy '%s', expected full"
              .formatted(config.visionFeatureSelect()));
    }
    OnnxGraph graph = new OnnxGraph("vision_tower");
    LayerWriter layers = new LayerWriter(graph, weights, precision);
    new SiglipGraph(layers, config.vision(), weights).write(depth(config));
    return graph;
  }

  /** Layers to run for the chosen hidden state; hidden state 0 is the embedding. */
  private static int depth(LlavaOnevision config) {
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
    String x = embed(pixels);
    for (int layer = 0; layer < depth; layer++) {
      x = block(x, "vision_tower.encoder.layers." + layer);
    }
    graph.result(x, "features", layers.activation(), "tiles", patches(), vision.hiddenSize());
  }

  private String embed(String pixels) {
    int patch = vision.patchSize();
    Tensor kernel =
        weights.get(
            "vision_tower.embeddings.patch_embedding.weight",
            vision.hiddenSize(),
            vision.channels(),
            patch,
            patch);
    String patches =
        graph.node(
            "Conv",
            List.of(
                pixels,
                layers.copy("vision_tower.embeddings.patch_embedding.weight", kernel),
                layers.vector("vision_tower.embeddings.patch_embedding.bias", vision.hiddenSize())),
            Attribute.ints("kernel_shape", patch, patch),
            Attribute.ints("strides", patch, patch));
    String rows =
        graph.node("Reshape", List.of(patches, graph.constant(0, vision.hiddenSize(), patches())));
    String columns = graph.node("Transpose", List.of(rows), Attribute.ints("perm", 0, 2, 1));
    Tensor positions =
        weights.get(
            "vision_tower.embeddings.position_embedding.weight", patches(), vision.hiddenSize());
    return graph.node(
        "Add",
        List.of(
            columns, layers.copy("vision_tower.embeddings.position_embedding.weight", positions)));
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
