package io.trimtab.tuning;

import io.trimtab.model.ModelConfig;
import io.trimtab.model.ModelConfig.Llava15;
import io.trimtab.model.ModelConfig.LlavaAnyres;
import io.trimtab.model.ModelConfig.LlavaFamily;
import io.trimtab.model.ModelConfig.Qwen25Vl;
import io.trimtab.model.TextConfig;
import io.trimtab.model.graph.Projection;
import io.trimtab.model.graph.ProjectorShape;
import io.trimtab.tuning.job.LoraSettings;
import io.trimtab.tuning.job.Recipe;
import java.util.Locale;

/**
 * The text of the decoder and the projector with a recipe's delta: what each computes, without
 * losses ({@link LossSource}). Float32 throughout.
 *
 * <p>{@code w} is {@link FrozenWeights#decoder}, {@code p} its projector, {@code d} the delta's
 * parameters in the order of {@link TrainedTarget#of}. Methods that begin with {@code base_} leave
 * the delta out.
 */
final class DecoderSource {
  private final TextConfig text;
  private final ModelConfig config;
  private final LayerLayout layout;
  private final Recipe recipe;
  private final LoraSettings lora;
  private final Passes passes;

  DecoderSource(ModelConfig config, Recipe recipe, LoraSettings lora, Passes passes) {
    this.passes = passes;
    this.text = config.text();
    this.config = config;
    this.layout = LayerLayout.of(config);
    this.recipe = recipe;
    this.lora = lora;
  }

  /** Parameters that one target has. */
  static int parameters(LoraSettings lora) {
    return switch (lora.rank()) {
      case LOW -> 2;
      case FULL -> 1;
    };
  }

  int parametersPerLayer() {
    return recipe.projections().size() * parameters(lora);
  }

  String methods() {
    int last = text.layers() * layout.size();
    return """
      def rotated(self: __torch__.M, x: Tensor, heads: int, cos: Tensor, sin: Tensor) -> Tensor:
        y = torch.transpose(torch.view(x, [torch.size(x, 0), torch.size(x, 1), heads, $headDim]), 1, 2)
        a, b = torch.chunk(y, 2, -1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)
      def normed(self: __torch__.M, x: Tensor, weight: Tensor) -> Tensor:
        return torch.rms_norm(x, [$hidden], weight, $epsilon)
      def states(self: __torch__.M, x: Tensor, rows: Tensor, w: List[Tensor]) -> Tensor:
        chosen = torch.index_select(torch.view(x, [-1, $hidden]), 0, rows)
        return self.normed(chosen, $norm)
      def logits(self: __torch__.M, states: Tensor, w: List[Tensor]) -> Tensor:
        return torch.linear(states, $head)
      def embedded(self: __torch__.M, ids: Tensor, keep: Tensor, table: Tensor) -> Tensor:
        return self.floats(torch.embedding(table, ids)) * torch.unsqueeze(keep, -1)
      def placed(self: __torch__.M, x: Tensor, position: Tensor, rows: Tensor) -> Tensor:
        flat = torch.index_add(torch.view(x, [-1, $hidden]), 0, position, rows)
        return torch.view_as(flat, x)
      """
            .indent(2)
            .replace("$headDim", "" + text.headDim())
            .replace("$hidden", "" + text.hiddenSize())
            .replace("$epsilon", decimal(text.rmsNormEpsilon()))
            .replace("$norm", frozen("w[%d]".formatted(last)))
            .replace("$head", frozen("w[%d]".formatted(last + 1)))
        + layer(Delta.ABSENT)
        + layer(Delta.PRESENT)
        + pictures(Delta.ABSENT)
        + pictures(Delta.PRESENT);
  }

  private enum Delta {
    PRESENT,
    ABSENT
  }

  /** One layer; weights from {@code w[o]}, parameters from {@code d[e]} on. */
  private String layer(Delta delta) {
    return """
      def $layer(self: __torch__.M, x: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], o: int$deltas) -> Tensor:
        h = self.normed(x, $norm1)
        q = self.rotated($q, $heads, cos, sin)
        k = self.rotated($k, $kvHeads, cos, sin)
        v = torch.transpose(torch.view($v, [torch.size(x, 0), torch.size(x, 1), $kvHeads, $headDim]), 1, 2)
        s = torch.scaled_dot_product_attention(q, k, v, None, 0., True, scale=None, enable_gqa=True)
        a = torch.flatten(torch.transpose(s, 1, 2), 2)
        y = x + $o
        m = self.normed(y, $norm2)
        g = torch.silu($gate) * $up
        return y + $down
      """
        .indent(2)
        .replace("$layer", delta == Delta.PRESENT ? "layer" : "base_layer")
        .replace("$deltas", delta == Delta.PRESENT ? ", d: List[Tensor], e: int" : "")
        .replace("$norm1", frozen("w[o]"))
        .replace("$norm2", frozen("w[o + %d]".formatted(layout.secondNorm())))
        .replace("$kvHeads", "" + text.keyValueHeads())
        .replace("$heads", "" + text.attentionHeads())
        .replace("$headDim", "" + text.headDim())
        .replace("$q", linear(Projection.Q, "h", delta))
        .replace("$k", linear(Projection.K, "h", delta))
        .replace("$v", linear(Projection.V, "h", delta))
        .replace("$o", linear(Projection.O, "a", delta))
        .replace("$gate", linear(Projection.GATE, "m", delta))
        .replace("$up", linear(Projection.UP, "m", delta))
        .replace("$down", linear(Projection.DOWN, "g", delta));
  }

  private String linear(Projection projection, String x, Delta delta) {
    String weight = "w[o + %d]".formatted(layout.weight(projection));
    String bias = projection.hasBias(config) ? "w[o + %d]".formatted(layout.bias(projection)) : "";
    if (delta == Delta.ABSENT || !recipe.projections().contains(projection)) {
      return linear(x, weight, bias, "", "");
    }
    int before =
        (int)
            Projection.ALL.stream()
                .filter(other -> other.compareTo(projection) < 0)
                .filter(recipe.projections()::contains)
                .count();
    int at = before * parameters(lora);
    return linear(x, weight, bias, "d[e + %d]".formatted(at), "d[e + %d]".formatted(at + 1));
  }

  /** A weight as float32; the projector's are already. */
  private String frozen(String weight) {
    return switch (passes) {
      case WHOLE -> weight;
      case LAYERWISE -> weight.startsWith("p") ? weight : "self.floats(%s)".formatted(weight);
    };
  }

  /**
   * {@code x Wᵀ + bias + s·(x Aᵀ) Bᵀ}, or {@code x (W + D)ᵀ + bias} for a full delta: one product
   * instead of two.
   */
  private String linear(String x, String weight, String bias, String first, String second) {
    String matrix = frozen(weight);
    String offset = bias.isEmpty() ? "" : ", " + frozen(bias);
    if (first.isEmpty()) {
      return "torch.linear(%s, %s%s)".formatted(x, matrix, offset);
    }
    return switch (lora.rank()) {
      case LOW ->
          "(torch.linear(%s, %s%s) + torch.linear(torch.linear(%s, %s) * %s, %s))"
              .formatted(x, matrix, offset, x, first, decimal(lora.scaling()), second);
      case FULL -> "torch.linear(%s, %s + %s%s)".formatted(x, matrix, first, offset);
    };
  }

  /**
   * Embeddings of pictures, one for each of {@code source}: the projected row of that number, which
   * beyond the last is the newline, times {@code share}.
   */
  private String pictures(Delta delta) {
    boolean present = delta == Delta.PRESENT && recipe.reachesProjector();
    boolean bias = ProjectorShape.of(config).bias() == ProjectorShape.Bias.PRESENT;
    int second = bias ? 2 : 1;
    int n = present ? parameters(lora) : 0;
    String newline =
        switch (config) {
          case LlavaAnyres _ -> "torch.cat([y, torch.unsqueeze(p[%d], 0)])".formatted(2 * second);
          case Llava15 _, Qwen25Vl _ -> "y";
        };
    return """
      def $pictures(self: __torch__.M, f: Tensor, source: Tensor, share: Tensor, p: List[Tensor]$deltas) -> Tensor:
        h = $first
        y = $second
        return torch.index_select($rows, 0, source) * torch.unsqueeze(share, -1)
      """
        .indent(2)
        .replace("$pictures", delta == Delta.PRESENT ? "pictures" : "base_pictures")
        .replace("$deltas", delta == Delta.PRESENT ? ", d: List[Tensor]" : "")
        .replace("$rows", newline)
        .replace(
            "$first",
            linear("f", "p[0]", bias ? "p[1]" : "", present ? "d[0]" : "", present ? "d[1]" : ""))
        .replace(
            "$second",
            linear(
                activation("h"),
                "p[%d]".formatted(second),
                bias ? "p[%d]".formatted(second + 1) : "",
                present ? "d[%d]".formatted(n) : "",
                present ? "d[%d]".formatted(n + 1) : ""));
  }

  private String activation(String x) {
    String name =
        switch (config) {
          case LlavaFamily llava -> llava.projectorActivation();
          case Qwen25Vl _ -> "gelu";
        };
    return switch (name) {
      case "gelu" -> "torch.gelu(%s, approximate=\"none\")".formatted(x);
      case "gelu_pytorch_tanh", "gelu_new" -> "torch.gelu(%s, approximate=\"tanh\")".formatted(x);
      case "quick_gelu" -> "(%s * torch.sigmoid(%s * 1.702))".formatted(x, x);
      case "silu" -> "torch.silu(%s)".formatted(x);
      // The graphs that serve the model are written by the same names, and refuse others first.
      default -> throw new IllegalStateException("A projector's activation " + name);
    };
  }

  /** A number as TorchScript reads it, whatever the machine's language is. */
  static String decimal(double value) {
    return String.format(Locale.ROOT, "%.17e", value);
  }
}
