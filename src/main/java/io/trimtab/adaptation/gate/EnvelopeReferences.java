package io.trimtab.adaptation.gate;

import io.trimtab.adapter.AdapterId;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.Reference;
import io.trimtab.drift.ReferenceSource;
import io.trimtab.error.TrimtabException;

/**
 * What live answers are held against, from the envelopes that were kept with their revisions. One
 * that is damaged is as none: the revision is watched against base, and the log says why. Any
 * thread.
 */
public final class EnvelopeReferences implements ReferenceSource {
  private static final System.Logger LOG = System.getLogger(EnvelopeReferences.class.getName());

  private final KeptEnvelopes envelopes;
  private final Quantities quantities;

  public EnvelopeReferences(KeptEnvelopes envelopes, Quantities quantities) {
    this.envelopes = envelopes;
    this.quantities = quantities;
  }

  @Override
  public Reference of(AdapterId id, int revision) {
    try {
      return envelopes
          .find(id, revision)
          .map(envelope -> Reference.of(envelope.live(), quantities))
          .orElseGet(() -> Reference.ofBase(quantities));
    } catch (TrimtabException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "%s@%d is watched against base alone: %s".formatted(id, revision, e.getMessage()));
      return Reference.ofBase(quantities);
    }
  }
}
