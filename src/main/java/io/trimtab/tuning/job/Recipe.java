package io.trimtab.tuning.job;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.graph.Projection;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which linear layers are tuned, in every layer of the decoder. The first four are the ones to
 * serve with; the others forget, and are there for comparison ("How to Teach Large Multimodal
 * Models New Skills", arXiv 2510.08564).
 */
public enum Recipe {
  /** The self-attention's projections. */
  SA_PROJ("sa-proj", EnumSet.of(Projection.Q, Projection.K, Projection.V, Projection.O)),
  /** Those without the output. */
  SA_QKV("sa-qkv", EnumSet.of(Projection.Q, Projection.K, Projection.V)),
  /** The MLP's gate and up; down stays. */
  GATE_UP("gate-up", EnumSet.of(Projection.GATE, Projection.UP)),
  /** The multimodal projector alone. */
  PROJECTOR("projector", EnumSet.noneOf(Projection.class)),
  /** The whole MLP. */
  MLP("mlp", EnumSet.of(Projection.GATE, Projection.UP, Projection.DOWN)),
  /** Every projection of the language model. */
  LLM("llm", EnumSet.allOf(Projection.class));

  private final String wireName;
  private final Set<Projection> projections;

  Recipe(String wireName, Set<Projection> projections) {
    this.wireName = wireName;
    this.projections = projections;
  }

  /**
   * The recipe of that name.
   *
   * @throws TrimtabException INVALID_ARGUMENT, with the names there are
   */
  public static Recipe of(String wireName) {
    return Arrays.stream(values())
        .filter(recipe -> recipe.wireName.equals(wireName))
        .findFirst()
        .orElseThrow(
            () ->
                TrimtabException.invalid(
                    "There is no recipe '%s', expected one of %s".formatted(wireName, names())));
  }

  private static String names() {
    return Arrays.stream(values()).map(Recipe::wireName).collect(Collectors.joining(", "));
  }

  public String wireName() {
    return wireName;
  }

  /** Whether a server tunes with it; the others are for the study. */
  public boolean isServed() {
    return switch (this) {
      case SA_PROJ, SA_QKV, GATE_UP, PROJECTOR -> true;
      case MLP, LLM -> false;
    };
  }

  /** Reached in every layer of the language model; none for {@link #PROJECTOR}. */
  public Set<Projection> projections() {
    return Set.copyOf(projections);
  }

  /** Whether the multimodal projector's two layers are tuned. */
  public boolean reachesProjector() {
    return this == PROJECTOR;
  }
}
