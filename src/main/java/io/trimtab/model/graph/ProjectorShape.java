package io.trimtab.model.graph;

import io.trimtab.model.ModelConfig;
import io.trimtab.model.ModelConfig.LlavaFamily;
import io.trimtab.model.ModelConfig.Qwen25Vl;
import java.util.List;

/**
 * Widths of the two-layer projector between vision tower and language model.
 *
 * @param inputs width of one row of tower features
 * @param inner width between the layers
 * @param outputs the language model's hidden size
 * @param modules canonical names of the two layers
 */
public record ProjectorShape(int inputs, int inner, int outputs, List<String> modules, Bias bias) {
  /** Whether the layers have a bias. */
  public enum Bias {
    PRESENT,
    ABSENT
  }

  public static ProjectorShape of(ModelConfig config) {
    int hidden = config.text().hiddenSize();
    return switch (config) {
      case LlavaFamily llava ->
          new ProjectorShape(
              llava.vision().hiddenSize(),
              hidden,
              hidden,
              List.of("projector.linear_1", "projector.linear_2"),
              llava.projectorBias() ? Bias.PRESENT : Bias.ABSENT);
      case Qwen25Vl qwen -> {
        int merge = qwen.vision().spatialMergeSize();
        int merged = qwen.vision().hiddenSize() * merge * merge;
        yield new ProjectorShape(
            merged, merged, hidden, List.of("projector.mlp.0", "projector.mlp.2"), Bias.PRESENT);
      }
    };
  }
}
