package io.trimtab.adapter.peft;

import io.trimtab.model.Family;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.ModelConfig.LlavaFamily;
import io.trimtab.model.ModelConfig.Qwen25Vl;
import io.trimtab.model.graph.Projection;
import io.trimtab.model.graph.ProjectorShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The linear layers of a base model that an adapter reaches, and what PEFT calls them. */
final class BaseModules {
  /** Which transformers named the modules: up to 4.51, or 4.52 and later. */
  enum Generation {
    NEW,
    OLD
  }

  /**
   * A layer that a delta may change.
   *
   * @param canonical name of {@link io.trimtab.model.WeightNames}
   * @param inputs width of what goes in
   * @param outputs width of what comes out
   * @param newName path of the module in transformers 4.52 and later
   * @param oldName path of the module up to transformers 4.51
   */
  record Module(
      String canonical,
      DeltaTarget target,
      int inputs,
      int outputs,
      String newName,
      String oldName) {
    String name(Generation generation) {
      return switch (generation) {
        case NEW -> newName;
        case OLD -> oldName;
      };
    }
  }

  private final Family family;
  private final Map<String, Module> modules = new LinkedHashMap<>();
  private final List<String> towerNames = new ArrayList<>();

  BaseModules(ModelConfig config) {
    family = config.family();
    addDecoder(config);
    addProjector(config);
    addTower(config);
  }

  Family family() {
    return family;
  }

  /** In canonical order: decoder layers by number, their projections, the projector's layers. */
  List<Module> all() {
    return List.copyOf(modules.values());
  }

  Optional<Module> find(String canonical) {
    return Optional.ofNullable(modules.get(canonical));
  }

  /** Names of the vision tower's linear layers, of both generations: what no adapter reaches. */
  List<String> towerNames() {
    return List.copyOf(towerNames);
  }

  private void addDecoder(ModelConfig config) {
    String old =
        switch (family) {
          case LLAVA_ONEVISION, LLAVA_NEXT, LLAVA -> "language_model.model.";
          case QWEN2_5_VL -> "model.";
        };
    for (int layer = 0; layer < config.text().layers(); layer++) {
      for (Projection projection : Projection.ALL) {
        String path = "layers.%d.%s".formatted(layer, projection.module());
        add(
            new Module(
                "language_model." + path,
                new DeltaTarget.Decoder(layer, projection),
                projection.inputs(config.text()),
                projection.outputs(config.text()),
                "model.language_model." + path,
                old + path));
      }
    }
  }

  private void addProjector(ModelConfig config) {
    String old =
        switch (family) {
          case LLAVA_ONEVISION, LLAVA_NEXT, LLAVA -> "multi_modal_projector.";
          case QWEN2_5_VL -> "visual.merger.";
        };
    ProjectorShape shape = ProjectorShape.of(config);
    for (int layer = 1; layer <= shape.modules().size(); layer++) {
      String canonical = shape.modules().get(layer - 1);
      String path = canonical.substring("projector.".length());
      add(
          new Module(
              canonical,
              new DeltaTarget.Projector(layer),
              layer == 1 ? shape.inputs() : shape.inner(),
              layer == 1 ? shape.inner() : shape.outputs(),
              "model." + old + path,
              old + path));
    }
  }

  private void add(Module module) {
    modules.put(module.canonical(), module);
  }

  private void addTower(ModelConfig config) {
    switch (config) {
      case LlavaFamily llava ->
          addTower(
              List.of(
                  "model.vision_tower.vision_model.encoder.layers.",
                  "model.vision_tower.encoder.layers.",
                  "vision_tower.vision_model.encoder.layers."),
              llava.vision().layers(),
              List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
              List.of("self_attn.out_proj", "mlp.fc1", "mlp.fc2"));
      case Qwen25Vl qwen ->
          addTower(
              List.of("model.visual.blocks.", "visual.blocks."),
              qwen.vision().layers(),
              List.of("attn.qkv", "attn.proj"),
              List.of("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"));
    }
  }

  private void addTower(
      List<String> prefixes, int layers, List<String> attention, List<String> feedForward) {
    for (String prefix : prefixes) {
      for (int layer = 0; layer < layers; layer++) {
        String path = prefix + layer + ".";
        attention.forEach(module -> towerNames.add(path + module));
        feedForward.forEach(module -> towerNames.add(path + module));
      }
    }
  }
}
