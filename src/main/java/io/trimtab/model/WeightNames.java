package io.trimtab.model;

import java.util.List;
import java.util.Optional;

/**
 * The one name by which the project knows a weight, whatever generation of transformers wrote it.
 *
 * <p>Canonical names are {@code language_model.embed_tokens.weight}, {@code
 * language_model.layers.N…}, {@code language_model.norm.weight}, {@code lm_head.weight}, {@code
 * vision_tower.…}, {@code projector.…} and {@code image_newline}. Up to transformers 4.51 the
 * model's parts stood at the top of the checkpoint, from 4.52 on they stand below {@code model.}.
 */
public final class WeightNames {
  private static final List<Rule> LLAVA =
      List.of(
          new Rule("language_model.lm_head.", "lm_head."),
          new Rule("language_model.model.", "language_model."),
          new Rule("model.language_model.", "language_model."),
          new Rule("lm_head.", "lm_head."),
          new Rule("model.vision_tower.vision_model.", "vision_tower."),
          new Rule("model.vision_tower.", "vision_tower."),
          new Rule("vision_tower.vision_model.", "vision_tower."),
          new Rule("vision_tower.", "vision_tower."),
          new Rule("model.multi_modal_projector.", "projector."),
          new Rule("multi_modal_projector.", "projector."),
          new Rule("model.image_newline", "image_newline"),
          new Rule("image_newline", "image_newline"));

  private static final List<Rule> QWEN =
      List.of(
          new Rule("lm_head.", "lm_head."),
          new Rule("model.visual.merger.", "projector."),
          new Rule("visual.merger.", "projector."),
          new Rule("model.visual.", "vision_tower."),
          new Rule("visual.", "vision_tower."),
          new Rule("model.language_model.", "language_model."),
          new Rule("model.", "language_model."));

  private WeightNames() {}

  /** Canonical name of a tensor on disk; empty for one that belongs to no part of the family. */
  public static Optional<String> canonical(Family family, String onDisk) {
    List<Rule> rules =
        switch (family) {
          case LLAVA_ONEVISION, LLAVA_NEXT, LLAVA -> LLAVA;
          case QWEN2_5_VL -> QWEN;
        };
    for (Rule rule : rules) {
      if (onDisk.startsWith(rule.prefix)) {
        return Optional.of(rule.canonical + onDisk.substring(rule.prefix.length()));
      }
    }
    return Optional.empty();
  }

  private record Rule(String prefix, String canonical) {}
}
