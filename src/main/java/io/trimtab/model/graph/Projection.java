package io.trimtab.model.graph;

import io.trimtab.model.ModelConfig;
import io.trimtab.model.TextConfig;
import java.util.List;

/** A linear layer of the decoder that an adapter may reach, by PEFT's name for it. */
public enum Projection {
  Q("q_proj", "self_attn.q_proj"),
  K("k_proj", "self_attn.k_proj"),
  V("v_proj", "self_attn.v_proj"),
  O("o_proj", "self_attn.o_proj"),
  GATE("gate_proj", "mlp.gate_proj"),
  UP("up_proj", "mlp.up_proj"),
  DOWN("down_proj", "mlp.down_proj");

  /** In the order in which a layer applies them. */
  public static final List<Projection> ALL = List.of(values());

  private final String wireName;
  private final String module;

  Projection(String wireName, String module) {
    this.wireName = wireName;
    this.module = module;
  }

  /** {@code q_proj} and so on. */
  public String wireName() {
    return wireName;
  }

  /** Path of the module below its layer. */
  public String module() {
    return module;
  }

  /** Width of what goes in. */
  public int inputs(TextConfig text) {
    return switch (this) {
      case Q, K, V, GATE, UP -> text.hiddenSize();
      case O -> text.attentionHeads() * text.headDim();
      case DOWN -> text.intermediateSize();
    };
  }

  /** Width of what comes out. */
  public int outputs(TextConfig text) {
    return switch (this) {
      case Q -> text.attentionHeads() * text.headDim();
      case K, V -> text.keyValueHeads() * text.headDim();
      case O, DOWN -> text.hiddenSize();
      case GATE, UP -> text.intermediateSize();
    };
  }

  /** Whether the checkpoint has a bias for it. */
  public boolean hasBias(ModelConfig config) {
    return switch (this) {
      case Q, K, V -> config.attentionBias();
      case O, GATE, UP, DOWN -> false;
    };
  }

  /** Name of the graph input that carries {@code a [slots, inputs, rank]} of one layer's delta. */
  public String deltaA(int layer) {
    return "delta.%d.%s.a".formatted(layer, wireName);
  }

  /** Name of the graph input that carries {@code b [slots, rank, outputs]} of one layer's delta. */
  public String deltaB(int layer) {
    return "delta.%d.%s.b".formatted(layer, wireName);
  }
}
