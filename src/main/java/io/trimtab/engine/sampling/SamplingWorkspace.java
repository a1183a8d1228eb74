package io.trimtab.engine.sampling;

import io.trimtab.engine.api.SamplingParameters;

/**
 * The arrays that sampling works in, made once and used by one thread for all requests in turn, so
 * that neither a request nor a token costs memory of the vocabulary's size.
 */
public final class SamplingWorkspace {
  /** Logits of the row at hand: of the whole vocabulary by id, or of some best tokens by rank. */
  final float[] logits;

  /** Ids of the best tokens by rank. */
  final int[] ids = new int[SamplingParameters.TOP_LOGPROBS_MAX];

  final RankedMass mass;

  /** For rows of this many logits. */
  public SamplingWorkspace(int vocabulary) {
    int size = Math.max(vocabulary, SamplingParameters.TOP_LOGPROBS_MAX);
    logits = new float[size];
    mass = new RankedMass(size);
  }
}
