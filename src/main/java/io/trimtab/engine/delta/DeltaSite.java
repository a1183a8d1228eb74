package io.trimtab.engine.delta;

import io.trimtab.model.TextConfig;
import io.trimtab.model.graph.Projection;
import java.util.ArrayList;
import java.util.List;

/**
 * A place in the language model that takes a delta: one projection of one layer.
 *
 * @param index among all sites: layer by layer, each layer's projections in their order
 * @param inputs width of what goes in
 * @param outputs width of what comes out
 */
record DeltaSite(int index, int layer, Projection projection, int inputs, int outputs) {
  /** All sites of a model, in order of their indices. */
  static List<DeltaSite> of(TextConfig text) {
    List<DeltaSite> sites = new ArrayList<>();
    for (int layer = 0; layer < text.layers(); layer++) {
      for (Projection projection : Projection.ALL) {
        sites.add(
            new DeltaSite(
                index(layer, projection),
                layer,
                projection,
                projection.inputs(text),
                projection.outputs(text)));
      }
    }
    return List.copyOf(sites);
  }

  static int index(int layer, Projection projection) {
    return layer * Projection.ALL.size() + projection.ordinal();
  }
}
