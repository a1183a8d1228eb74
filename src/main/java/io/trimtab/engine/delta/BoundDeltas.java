package io.trimtab.engine.delta;

import io.trimtab.ort.OrtTensor;

/**
 * What a run of the language model binds as its deltas, by the index of the site. The same object
 * gives the same tensors for as long as it may be bound.
 */
public sealed interface BoundDeltas permits EmptyDeltas, HostDelta, ArenaView {
  /** {@code [slots or 1, inputs, rank]}; rank 0 where nothing is changed. */
  OrtTensor a(int site);

  /** {@code [slots or 1, rank, outputs]} likewise. */
  OrtTensor b(int site);
}
