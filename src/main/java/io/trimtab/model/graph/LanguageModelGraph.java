package io.trimtab.model.graph;

import io.trimtab.model.ModelConfig;
import io.trimtab.model.TextConfig;
import io.trimtab.model.Weights;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Tensor;
import java.util.List;

/**
 * Writes {@code language_model.onnx}: the decoder of Qwen2, Llama and Mistral, one graph for
 * prefill and decode.
 *
 * <p>Keys and values live in the caller's memory: the same memory is bound as {@code
 * past_key_values.*} and {@code present.*}, and GroupQueryAttention appends in place. Rotary angles
 * come in per token, so that the plain and the multi-section embedding are one graph. Only the rows
 * named by {@code logit_rows} pass the output head.
 */
final class LanguageModelGraph {
  /** Best tokens of a row that the graph reports, with their logits. */
  static final int TOP_TOKENS = 64;

  private final LayerWriter layers;
  private final OnnxGraph graph;
  private final ModelConfig config;
  private final TextConfig text;
  private final Weights weights;

  private LanguageModelGraph(LayerWriter layers, ModelConfig config, Weights weights) {
    this.layers = layers;
    this.graph = layers.graph();
    this.config = config;
    this.text = config.text();
    this.weights = weights;
  }

  static OnnxGraph write(ModelConfig config, Weights weights, Precision precision) {
    OnnxGraph graph = new OnnxGraph("language_model");
    LayerWriter layers = new LayerWriter(graph, weights, precision);
    new LanguageModelGraph(layers, config, weights).write();
    return graph;
  }

  private void write() {
    DType activation = layers.activation();
    String embeddings =
        graph.input("inputs_embeds", activation, "batch", "sequence", text.hiddenSize());
    String cos = graph.input("rope_cos", activation, "batch", "sequence", text.headDim() / 2);
    String sin = graph.input("rope_sin", activation, "batch", "sequence", text.headDim() / 2);
    String pastLengths = graph.input("seqlens_k", DType.I32, "batch");
    String totalLength = graph.input("total_sequence_length", DType.I32);
    String rows = graph.input("logit_rows", DType.I64, "rows");
    String targets = graph.input("logit_targets", DType.I64, "rows");
    String classes = graph.input("token_classes", DType.F32, "classes", text.vocabularySize());

    String residual = embeddings;
    String normed =
        layers.rmsNorm(embeddings, norm(0, "input_layernorm"), text.hiddenSize(), epsilon());
    for (int layer = 0; layer < text.layers(); layer++) {
      String attended = attention(layer, normed, cos, sin, pastLengths, totalLength);
      Sum afterAttention = addAndNorm(residual, attended, norm(layer, "post_attention_layernorm"));
      String mixed = mlp(layer, afterAttention.normed);
      String nextNorm =
          layer + 1 < text.layers() ? norm(layer + 1, "input_layernorm") : "language_model.norm";
      Sum afterMlp = addAndNorm(afterAttention.sum, mixed, nextNorm);
      residual = afterMlp.sum;
      normed = afterMlp.normed;
    }
    head(normed, rows, targets, classes);
  }

  private String attention(
      int layer, String x, String cos, String sin, String pastLengths, String totalLength) {
    String q = rotate(projection(layer, Projection.Q, x), cos, sin, text.attentionHeads());
    String k = rotate(projection(layer, Projection.K, x), cos, sin, text.keyValueHeads());
    String v = projection(layer, Projection.V, x);
    String pastKey = cache("past_key_values.%d.key".formatted(layer));
    String pastValue = cache("past_key_values.%d.value".formatted(layer));
    String presentKey = "present.%d.key".formatted(layer);
    String presentValue = "present.%d.value".formatted(layer);
    String attended =
        graph
            .nodes(
                OnnxGraph.MICROSOFT,
                "GroupQueryAttention",
                List.of(q, k, v, pastKey, pastValue, pastLengths, totalLength),
                List.of("layers.%d.attended".formatted(layer), presentKey, presentValue),
                Attribute.of("num_heads", text.attentionHeads()),
                Attribute.of("kv_num_heads", text.keyValueHeads()),
                Attribute.of("do_rotary", 0))
            .getFirst();
    for (String present : List.of(presentKey, presentValue)) {
      graph.output(
          present,
          layers.activation(),
          "batch",
          text.keyValueHeads(),
          "present_capacity",
          text.headDim());
    }
    return projection(layer, Projection.O, attended);
  }

  private String cache(String name) {
    return graph.input(
        name, layers.activation(), "batch", text.keyValueHeads(), "capacity", text.headDim());
  }

  private String rotate(String x, String cos, String sin, int heads) {
    return graph.node("RotaryEmbedding", List.of(x, cos, sin), Attribute.of("num_heads", heads));
  }

  private String mlp(int layer, String x) {
    String gate = layers.silu(projection(layer, Projection.GATE, x));
    String up = projection(layer, Projection.UP, x);
    return projection(layer, Projection.DOWN, graph.node("Mul", List.of(gate, up)));
  }

  private String projection(int layer, Projection projection, String x) {
    int inputs = projection.inputs(text);
    int outputs = projection.outputs(text);
    String module = "language_model.layers.%d.%s".formatted(layer, projection.module());
    String base =
        projection.hasBias(config)
            ? layers.linearWithBias(x, module, inputs, outputs)
            : layers.linear(x, module, inputs, outputs);
    String rank = "rank_" + projection.wireName();
    String a =
        graph.input(projection.deltaA(layer), layers.activation(), "delta_slots", inputs, rank);
    String b =
        graph.input(projection.deltaB(layer), layers.activation(), "delta_slots", rank, outputs);
    return layers.withDelta(base, x, a, b);
  }

  private Sum addAndNorm(String residual, String addition, String module) {
    String scope = module + ".";
    List<String> outputs =
        graph.nodes(
            OnnxGraph.MICROSOFT,
            "SkipSimplifiedLayerNormalization",
            List.of(residual, addition, layers.vector(module + ".weight", text.hiddenSize())),
            List.of(scope + "normed", "", "", scope + "sum"),
            Attribute.of("epsilon", epsilon()));
    return new Sum(outputs.getFirst(), outputs.getLast());
  }

  /**
   * Logits of the named rows, and what a sampler needs of them without copying a row: logsumexp,
   * the best tokens, the logit of a given token, the probability mass of each token class. The
   * exponentials are computed once for both sums.
   */
  private void head(String normed, String rows, String targets, String classes) {
    String flat = graph.node("Reshape", List.of(normed, graph.constant(-1, text.hiddenSize())));
    String chosen = graph.node("Gather", List.of(flat, rows), Attribute.of("axis", 0));
    String logits =
        graph.result(
            asFloat(layers.product(chosen, "lm_head", headWeight())),
            "logits",
            DType.F32,
            "rows",
            text.vocabularySize());

    int top = Math.min(TOP_TOKENS, text.vocabularySize());
    List<String> best =
        graph.nodes(
            "",
            "TopK",
            List.of(logits, graph.constant(top)),
            List.of("top_logits", "top_tokens"),
            Attribute.of("axis", -1));
    graph.output("top_logits", DType.F32, "rows", top);
    graph.output("top_tokens", DType.I64, "rows", top);

    String largest =
        graph.node(
            "Slice",
            List.of(best.getFirst(), graph.constant(0), graph.constant(1), graph.constant(1)));
    String exponentials = graph.node("Exp", List.of(graph.node("Sub", List.of(logits, largest))));
    String sum =
        graph.node(
            "ReduceSum", List.of(exponentials, graph.constant(1)), Attribute.of("keepdims", 1));
    String logsumexp = graph.node("Add", List.of(largest, graph.node("Log", List.of(sum))));
    graph.result(logsumexp, "logsumexp", DType.F32, "rows", 1);

    String mass =
        graph.node(
            OnnxGraph.MICROSOFT,
            "FusedMatMul",
            List.of(exponentials, classes),
            Attribute.of("transB", 1));
    graph.result(graph.node("Div", List.of(mass, sum)), "class_mass", DType.F32, "rows", "classes");

    String targetColumn = graph.node("Unsqueeze", List.of(targets, graph.constant(1)));
    String targetLogits =
        graph.node("GatherElements", List.of(logits, targetColumn), Attribute.of("axis", 1));
    graph.result(targetLogits, "target_logits", DType.F32, "rows", 1);
  }

  private Tensor headWeight() {
    String name =
        text.tieWordEmbeddings() && !weights.contains("lm_head.weight")
            ? "language_model.embed_tokens.weight"
            : "lm_head.weight";
    return weights.get(name, text.vocabularySize(), text.hiddenSize());
  }

  private String asFloat(String x) {
    return layers.activation() == DType.F32
        ? x
        : graph.node("Cast", List.of(x), Attribute.of("to", DType.F32.onnxCode()));
  }

  private float epsilon() {
    return text.rmsNormEpsilon();
  }

  private static String norm(int layer, String name) {
    return "language_model.layers.%d.%s".formatted(layer, name);
  }

  private record Sum(String normed, String sum) {}
}
