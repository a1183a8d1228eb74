package io.trimtab.engine.delta;

import io.trimtab.tensor.Tensor;

/**
 * The delta of one layer of the projector.
 *
 * @param a {@code [1, inputs, rank]}
 * @param b {@code [1, rank, outputs]}
 */
public record ProjectorDelta(Tensor a, Tensor b) {}
