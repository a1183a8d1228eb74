package io.trimtab.testing;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** The reference checkpoints as other generations of transformers would have written them. */
public final class Generations {
  private Generations() {}

  /** LLaVA-OneVision's tensors as up to transformers 4.51. */
  public static TensorFile oldLlavaNames(TensorFile reference) {
    return reference.renamed(
        name -> name.replaceFirst("^vision_tower\\.", "vision_tower.vision_model."));
  }

  /** LLaVA-OneVision's tensors as from transformers 4.52 on. */
  public static TensorFile newLlavaNames(TensorFile reference) {
    return reference.renamed(
        name -> {
          if (name.startsWith("language_model.lm_head.")) {
            return name.substring("language_model.".length());
          }
          return "model."
              + name.replaceFirst("^language_model\\.model\\.", "language_model.")
                  .replaceFirst("^vision_tower\\.", "vision_tower.vision_model.");
        });
  }

  /** Qwen2.5-VL's tensors as from transformers 4.52 on; the reference has those before. */
  public static TensorFile newQwenNames(TensorFile reference) {
    return reference.renamed(
        name ->
            name.startsWith("visual.")
                ? "model." + name
                : name.replaceFirst("^model\\.", "model.language_model."));
  }

  /** Rotary settings as transformers 4 nests them; the reference has those of 5. */
  public static void oldRotarySettings(ObjectNode text) {
    ObjectNode rope = (ObjectNode) text.remove("rope_parameters");
    text.set("rope_theta", rope.remove("rope_theta"));
    text.set("rope_scaling", rope.has("mrope_section") ? rope : null);
  }

  /** Qwen2.5-VL's configuration before 4.52: text fields at the top, and "mrope" as a type. */
  public static void flatQwenConfig(ObjectNode config) {
    ObjectNode text = (ObjectNode) config.remove("text_config");
    oldRotarySettings(text);
    ObjectNode rope = (ObjectNode) text.get("rope_scaling");
    rope.remove("rope_type");
    rope.put("type", "mrope");
    text.remove("model_type");
    config.setAll(text);
    ObjectNode vision = (ObjectNode) config.get("vision_config");
    vision.set("in_chans", vision.remove("in_channels"));
    vision.remove("model_type");
    config.put("torch_dtype", "bfloat16").put("transformers_version", "4.49.0");
    config.remove("dtype");
  }

  /** LLaVA-OneVision's configuration as transformers 4 writes it. */
  public static void oldLlavaConfig(ObjectNode config) {
    oldRotarySettings((ObjectNode) config.get("text_config"));
    config.put("torch_dtype", "bfloat16").put("transformers_version", "4.51.0");
    config.remove("dtype");
  }

  /** The placeholder's id under its newer name. */
  public static void newPlaceholderName(ObjectNode config) {
    config.setAll(Map.of("image_token_id", config.remove("image_token_index")));
  }
}
