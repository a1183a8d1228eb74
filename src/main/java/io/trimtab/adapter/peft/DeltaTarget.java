package io.trimtab.adapter.peft;

import io.trimtab.model.graph.Projection;

/** A linear layer of the base model that a delta changes. */
public sealed interface DeltaTarget {
  /** PEFT's name of the module, and {@code projector} for both layers of the projector. */
  String wireName();

  /** One projection of one decoder layer, from 0. */
  record Decoder(int layer, Projection projection) implements DeltaTarget {
    @Override
    public String wireName() {
      return projection.wireName();
    }
  }

  /**
   * A layer of the multimodal projector.
   *
   * @param layer 1 or 2
   */
  record Projector(int layer) implements DeltaTarget {
    @Override
    public String wireName() {
      return "projector";
    }
  }
}
