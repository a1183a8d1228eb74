package io.trimtab.adaptation.gate;

import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.error.TrimtabException;
import java.util.Optional;

/** The envelopes that were kept with their revisions, read from the store. Any thread. */
public final class KeptEnvelopes {
  private final AdapterRegistry registry;

  public KeptEnvelopes(AdapterRegistry registry) {
    this.registry = registry;
  }

  /**
   * A revision's; empty where no gate has seen it, as with an upload. The same at every call.
   *
   * @throws TrimtabException NOT_FOUND for an adapter or revision that is not there, INTERNAL for
   *     an envelope that is damaged or lost, FAILED_PRECONDITION for one that this program can't
   *     read
   */
  public Optional<Envelope> find(AdapterId id, int revision) {
    return registry.envelope(id, revision).map(json -> read(id, revision, json));
  }

  private static Envelope read(AdapterId id, int revision, byte[] json) {
    try {
      return EnvelopeJson.read(json);
    } catch (TrimtabException e) {
      throw new TrimtabException(
          e.code(),
          "Revision %d of the adapter '%s': %s".formatted(revision, id.name(), e.getMessage()),
          e);
    }
  }
}
