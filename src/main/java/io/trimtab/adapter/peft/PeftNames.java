package io.trimtab.adapter.peft;

import io.trimtab.adapter.peft.BaseModules.Module;
import io.trimtab.model.WeightNames;
import java.util.List;
import java.util.Optional;

/** Reads the names that PEFT gives tensors: which half of which layer's delta a tensor is. */
final class PeftNames {
  static final String TOWER_REFUSED =
      "a delta for the vision tower is refused: the tower is shared by all tenants";
  static final String EMBEDDINGS_REFUSED =
      "trained embeddings and output heads are not served, expected deltas of linear layers";

  private static final String PREFIX = "base_model.model.";

  /** What a tensor is. */
  sealed interface Place {}

  /** One of the two matrices of a layer's delta. */
  record Matrix(Module module, Half half) implements Place {}

  /** Nothing that is served; {@code why} says what would be. */
  record Refused(String why) implements Place {}

  enum Half {
    A("lora_A"),
    B("lora_B");

    private final String peftName;

    Half(String peftName) {
      this.peftName = peftName;
    }

    String peftName() {
      return peftName;
    }
  }

  /** What a tensor's name says when it has {@code part} in it, and why that is refused. */
  private record Sign(String part, String why) {}

  private static final List<Sign> SIGNS =
      List.of(
          new Sign("lora_magnitude_vector", "DoRA is not served, expected plain LoRA"),
          new Sign("lora_embedding_", EMBEDDINGS_REFUSED),
          new Sign("token_adapter", EMBEDDINGS_REFUSED),
          new Sign("trainable_tokens", EMBEDDINGS_REFUSED),
          new Sign("modules_to_save", "modules_to_save is not served, expected lora_A and lora_B"),
          new Sign("base_layer", "weights of the base are refused, expected lora_A and lora_B"),
          new Sign("lora_A.bias", "a trained bias is not served, expected lora_bias false"),
          new Sign("lora_B.bias", "a trained bias is not served, expected lora_bias false"),
          new Sign(
              "lora_B.default.bias", "a trained bias is not served, expected lora_bias false"));

  private PeftNames() {}

  static Place place(BaseModules base, String tensor) {
    for (Sign sign : SIGNS) {
      if (tensor.contains(sign.part)) {
        return new Refused(sign.why);
      }
    }
    for (Half half : Half.values()) {
      for (String suffix :
          List.of("." + half.peftName + ".weight", "." + half.peftName + ".default.weight")) {
        if (tensor.endsWith(suffix)) {
          return matrix(base, tensor.substring(0, tensor.length() - suffix.length()), half);
        }
      }
    }
    if (tensor.endsWith(".bias")) {
      return new Refused("a trained bias is not served, expected lora_A and lora_B alone");
    }
    return new Refused(
        "a full weight is not served, expected names that end in .lora_A.weight or .lora_B.weight");
  }

  private static Place matrix(BaseModules base, String path, Half half) {
    if (!path.startsWith(PREFIX)) {
      return new Refused("expected a name that starts with " + PREFIX);
    }
    Optional<String> canonical =
        WeightNames.canonical(base.family(), path.substring(PREFIX.length()) + ".weight")
            .map(name -> name.substring(0, name.length() - ".weight".length()));
    if (canonical.isEmpty()) {
      return new Refused("no such module in " + base.family().modelType());
    }
    String name = canonical.orElseThrow();
    if (name.startsWith("vision_tower.")) {
      return new Refused(TOWER_REFUSED);
    }
    if (name.endsWith("embed_tokens") || name.equals("lm_head")) {
      return new Refused(EMBEDDINGS_REFUSED);
    }
    return base.find(name)
        .<Place>map(module -> new Matrix(module, half))
        .orElseGet(
            () ->
                new Refused(
                    "the base has no such layer; an adapter reaches q, k, v, o, gate, up and down"
                        + " of its decoder layers, and both layers of the projector"));
  }
}
