package io.trimtab.adapter;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A revision about to be registered, as {@link Revision} without what the registry gives it.
 *
 * @param state STAGED, or REJECTED with the gate's report
 * @param scale 0 to 1: what it will be served at
 */
public record NewRevision(
    String digest,
    RevisionState state,
    String origin,
    int rank,
    List<String> targets,
    long parameters,
    RevisionFiles files,
    String note,
    String parentDigest,
    String baseDigest,
    float scale,
    @Nullable GateReport gate) {
  public NewRevision {
    targets = List.copyOf(targets);
  }
}
