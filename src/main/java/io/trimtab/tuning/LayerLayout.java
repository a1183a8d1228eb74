package io.trimtab.tuning;

import io.trimtab.model.ModelConfig;
import io.trimtab.model.graph.Projection;
import java.util.EnumMap;
import java.util.Map;

/**
 * Where a decoder layer's tensors stand among {@link FrozenWeights}: first norm, q, k and v, each
 * with its bias behind it if the model has one, o, second norm, gate, up, down.
 */
final class LayerLayout {
  private final Map<Projection, Integer> weights = new EnumMap<>(Projection.class);
  private final Map<Projection, Integer> biases = new EnumMap<>(Projection.class);
  private final int secondNorm;
  private final int size;

  private LayerLayout(ModelConfig config) {
    int next = 1;
    int norm = 0;
    for (Projection projection : Projection.ALL) {
      if (projection == Projection.GATE) {
        norm = next++;
      }
      weights.put(projection, next++);
      if (projection.hasBias(config)) {
        biases.put(projection, next++);
      }
    }
    secondNorm = norm;
    size = next;
  }

  static LayerLayout of(ModelConfig config) {
    return new LayerLayout(config);
  }

  /** Tensors of a layer. */
  int size() {
    return size;
  }

  int secondNorm() {
    return secondNorm;
  }

  int weight(Projection projection) {
    return weights.getOrDefault(projection, -1);
  }

  /** −1 for a projection without one. */
  int bias(Projection projection) {
    return biases.getOrDefault(projection, -1);
  }
}
