package io.trimtab.model.graph;

import io.trimtab.model.ModelConfig;
import io.trimtab.model.ModelConfig.LlavaFamily;
import io.trimtab.model.ModelConfig.Qwen25Vl;
import io.trimtab.model.Weights;
import io.trimtab.tensor.DType;
import java.util.List;

/**
 * Writes {@code projector.onnx}: two linear layers with an activation between, from tower features
 * to image embeddings.
 *
 * <p>In: {@code features [rows, inputs]} and the delta of each layer, {@code delta.projector.1.a
 * [1, inputs, rank]} and so on. Out: {@code embeddings [rows, hidden]}.
 */
final class ProjectorGraph {
  private ProjectorGraph() {}

  static OnnxGraph write(ModelConfig config, Weights weights, Precision precision) {
    OnnxGraph graph = new OnnxGraph("projector");
    LayerWriter layers = new LayerWriter(graph, weights, precision);
    ProjectorShape shape = ProjectorShape.of(config);
    DType activation = layers.activation();
    String features = graph.input("features", activation, "rows", shape.inputs());
    String first = layer(layers, shape, features, 1);
    String second = layer(layers, shape, layers.activation(first, activationName(config)), 2);
    graph.result(second, "embeddings", activation, "rows", shape.outputs());
    return graph;
  }

  private static String layer(LayerWriter layers, ProjectorShape shape, String x, int index) {
    OnnxGraph graph = layers.graph();
    int inputs = index == 1 ? shape.inputs() : shape.inner();
    int outputs = index == 1 ? shape.inner() : shape.outputs();
    String module = shape.modules().get(index - 1);
    String base =
        shape.bias() == ProjectorShape.Bias.PRESENT
            ? layers.linearWithBias(x, module, inputs, outputs)
            : layers.linear(x, module, inputs, outputs);
    String rank = "rank_" + index;
    DType activation = layers.activation();
    String a = graph.input("delta.projector.%d.a".formatted(index), activation, 1, inputs, rank);
    String b = graph.input("delta.projector.%d.b".formatted(index), activation, 1, rank, outputs);
    // The rows of one picture are the sequence of a batch of one.
    String batched = graph.node("Unsqueeze", List.of(x, graph.constant(0)));
    String baseBatched = graph.node("Unsqueeze", List.of(base, graph.constant(0)));
    String sum = layers.withDelta(baseBatched, batched, a, b);
    return graph.node("Reshape", List.of(sum, graph.constant(-1, outputs)));
  }

  private static String activationName(ModelConfig config) {
    return switch (config) {
      case LlavaFamily llava -> llava.projectorActivation();
      case Qwen25Vl ignored -> "gelu";
    };
  }
}
