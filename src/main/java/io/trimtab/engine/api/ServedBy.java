package io.trimtab.engine.api;

import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.ResolvedRevision;

/**
 * What produced an answer.
 *
 * @param model name of the base model
 * @param modelDigest sha-256 of the base model, hex
 * @param adapter {@code base} when none was applied
 * @param revision 0 for base
 * @param adapterDigest sha-256 of the delta, hex; empty for base
 * @param scale what the delta was multiplied by; 1 for base
 */
public record ServedBy(
    String model,
    String modelDigest,
    String adapter,
    int revision,
    String adapterDigest,
    float scale) {
  public static final String BASE = AdapterId.BASE;

  public static ServedBy base(String model, String modelDigest) {
    return new ServedBy(model, modelDigest, BASE, 0, "", 1);
  }

  /** The same model under a revision of an adapter. */
  public ServedBy with(ResolvedRevision adapted) {
    return new ServedBy(
        model,
        modelDigest,
        adapted.id().name(),
        adapted.revision(),
        adapted.digest(),
        adapted.scale());
  }
}
