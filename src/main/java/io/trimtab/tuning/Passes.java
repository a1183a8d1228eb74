package io.trimtab.tuning;

import io.trimtab.model.TextConfig;
import io.trimtab.model.graph.Projection;

/** How the decoder runs forward and backward: what memory is spent to save time. */
enum Passes {
  /**
   * Weights are float32 in PyTorch's memory and autograd keeps all layers' activations: the fastest
   * way.
   */
  WHOLE,
  /**
   * Weights stay as they are on disk, mapped, and become float32 one layer at a time; of the
   * activations the layers' inputs are kept, and the rest is computed once more on the way back
   * (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016). 1.4 to 1.5 times the
   * arithmetic.
   */
  LAYERWISE;

  /** The decoder's weights take 2 GiB in float32 here, beside what the serving engine holds. */
  static final long WHOLE_PARAMETERS_MAX = 512L << 20;

  /** What suits a model of that size. */
  static Passes of(TextConfig text) {
    long layer = 2L * text.hiddenSize();
    for (Projection projection : Projection.ALL) {
      layer += (long) projection.inputs(text) * projection.outputs(text);
    }
    long head = (long) text.vocabularySize() * text.hiddenSize();
    return layer * text.layers() + head <= WHOLE_PARAMETERS_MAX ? WHOLE : LAYERWISE;
  }
}
