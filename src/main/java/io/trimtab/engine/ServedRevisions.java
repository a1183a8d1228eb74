package io.trimtab.engine;

import io.trimtab.adapter.AdapterSelector;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.RevisionSource;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.delta.DeltaLease;
import io.trimtab.engine.delta.HostDeltas;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What serves a request: a name becomes a revision, a revision a lease of its delta. Any thread.
 */
final class ServedRevisions {
  private final RevisionSource revisions;
  private final HostDeltas deltas;
  private final ServedBy base;

  /**
   * @param base the model that every revision has to belong to
   */
  ServedRevisions(RevisionSource revisions, HostDeltas deltas, ServedBy base) {
    this.revisions = revisions;
    this.deltas = deltas;
    this.base = base;
  }

  /**
   * What serves one request, whatever its name means later.
   *
   * @param delta asked for once the request is let in
   */
  record Choice(ServedBy servedBy, Supplier<CompletableFuture<DeltaLease>> delta) {}

  /**
   * What the name means now.
   *
   * @throws TrimtabException NOT_FOUND, or FAILED_PRECONDITION for a revision that is served to
   *     nobody or belongs to another model
   */
  Choice choose(String tenant, String adapter, String requestId) {
    return revisions
        .resolve(tenant, AdapterSelector.parse(adapter), requestId)
        .map(this::of)
        .orElseGet(() -> ofBase(DeltaLease::ofBase));
  }

  private Choice of(ResolvedRevision revision) {
    requireOwnBase(revision);
    return new Choice(base.with(revision), () -> deltas.lease(revision));
  }

  /** Base, or what no name stands for: answers say that base served them. */
  Choice ofBase(Supplier<DeltaLease> lease) {
    return new Choice(base, () -> CompletableFuture.completedFuture(lease.get()));
  }

  /** A lease that belongs to no request; refusals are the future's. */
  CompletableFuture<DeltaLease> pin(ResolvedRevision revision) {
    try {
      requireOwnBase(revision);
    } catch (TrimtabException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
    return deltas.lease(revision);
  }

  private void requireOwnBase(ResolvedRevision revision) {
    if (!revision.baseDigest().equals(base.modelDigest())) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "The adapter %s@%d belongs to the model %s, this server serves %s"
              .formatted(
                  revision.id().name(),
                  revision.revision(),
                  revision.baseDigest(),
                  base.modelDigest()));
    }
  }
}
