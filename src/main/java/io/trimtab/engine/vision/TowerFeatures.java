package io.trimtab.engine.vision;

import io.trimtab.model.image.AnyresGrid;
import io.trimtab.model.text.GridShape;

/**
 * A picture as the vision tower saw it, before any projector.
 *
 * @param features {@code [rows, projector inputs]} in the precision's activation type, freed with
 *     the last reference to it
 * @param tokens image tokens that it comes to
 * @param grid merged grid in tokens, for rotary positions on three axes
 * @param order how rows become tokens
 */
public record TowerFeatures(GraphCall.Memory features, int tokens, GridShape grid, Order order) {
  /** What is done with the rows behind the projector. */
  public sealed interface Order {
    /** A row is a token already. */
    record OfTokens() implements Order {}

    /** Rows of tiles, to be packed into their grid with a newline token after each line. */
    record Tiled(AnyresGrid grid) implements Order {}
  }

  /** Bytes of the features. */
  public long bytes() {
    return features.segment().byteSize();
  }
}
