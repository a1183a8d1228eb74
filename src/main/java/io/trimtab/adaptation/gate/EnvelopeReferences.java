package io.trimtab.adaptation.gate;

import io.trimtab.adapter.AdapterId;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.Reference;
import io.trimtab.drift.ReferenceSource;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;

/**
 * What live answers are held against, from the envelopes that were kept with their revisions. One
 * that is damaged is as none: the revision is watched against base, and the log says why. One that
 * can't be read now is asked for again with the next answer. Any thread.
 */
public final class EnvelopeReferences implements ReferenceSource {
  private static final System.Logger LOG = System.getLogger(EnvelopeReferences.class.getName());

  private final KeptEnvelopes envelopes;
  private final Quantities quantities;
  private final Reference base;

  public EnvelopeReferences(KeptEnvelopes envelopes, Quantities quantities) {
    this.envelopes = envelopes;
    this.quantities = quantities;
    this.base = Reference.ofBase(quantities);
  }

  @Override
  public Reference of(AdapterId id, int revision) {
    try {
      return envelopes
          .find(id, revision)
          .map(envelope -> Reference.of(envelope.live(), quantities))
          .orElse(base);
    } catch (TrimtabException e) {
      if (e.code() == ErrorCode.UNAVAILABLE) {
        throw e;
      }
      return ofBase(id, revision, e);
    } catch (IllegalArgumentException | IllegalStateException e) {
      // Well formed, and yet with numbers that no gate has seen.
      return ofBase(id, revision, e);
    }
  }

  private Reference ofBase(AdapterId id, int revision, RuntimeException why) {
    LOG.log(
        System.Logger.Level.WARNING,
        "%s@%d is watched against base alone: %s".formatted(id, revision, why.getMessage()));
    return base;
  }
}
