package io.trimtab.engine.api;

import java.util.List;

/**
 * The base model and what this engine can do with it.
 *
 * @param name of the model folder
 * @param family Hugging Face {@code model_type}
 * @param digest sha-256 of the checkpoint, hex
 * @param precision fp32, int8, int4, bf16 or fp16
 * @param device cpu or cuda:N
 * @param maxSequenceTokens longest prompt and answer together
 * @param maxBatch most requests in one decode step
 * @param adapterTargets projections that an adapter may reach
 */
public record ModelSummary(
    String name,
    String family,
    String digest,
    String precision,
    String device,
    int maxSequenceTokens,
    int maxBatch,
    List<String> adapterTargets) {
  public ModelSummary {
    adapterTargets = List.copyOf(adapterTargets);
  }
}
