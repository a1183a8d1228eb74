package io.trimtab.adapter;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A present adapter, ready to answer what serves a request. Immutable. */
final class ServedAdapter {
  private final AdapterSnapshot snapshot;
  private final Optional<ResolvedRevision> active;
  private final @Nullable ResolvedRevision canary;

  ServedAdapter(AdapterSnapshot snapshot) {
    this.snapshot = snapshot;
    this.active = snapshot.active().map(each -> ResolvedRevision.of(snapshot.id(), each));
    this.canary =
        snapshot
            .revision(snapshot.canaryRevision())
            .map(each -> ResolvedRevision.of(snapshot.id(), each))
            .orElse(null);
  }

  AdapterSnapshot snapshot() {
    return snapshot;
  }

  /** What serves the name; empty for base. */
  Optional<ResolvedRevision> byName(String requestId) {
    return canary != null && CanaryShare.takes(canary.digest(), snapshot.canaryPercent(), requestId)
        ? Optional.of(canary)
        : active;
  }

  /** One revision, in whatever state requests may be served by it. */
  Optional<ResolvedRevision> exact(int number) {
    for (Revision each : snapshot.revisions()) {
      if (each.revision() == number) {
        return Optional.of(servable(each));
      }
    }
    throw AdapterTransitions.noRevision(snapshot.id(), number);
  }

  private ResolvedRevision servable(Revision revision) {
    if (!revision.state().servable()) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "Revision %d of the adapter '%s' is %s: nobody is served by it"
              .formatted(revision.revision(), snapshot.id().name(), revision.state()));
    }
    return ResolvedRevision.of(snapshot.id(), revision);
  }
}
