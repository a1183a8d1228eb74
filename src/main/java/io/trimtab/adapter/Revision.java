package io.trimtab.adapter;

import io.trimtab.error.TrimtabException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One revision of an adapter. Its weights never change; state and scale do, each time as a new
 * version of the adapter.
 *
 * @param revision from 1, never given twice under one name
 * @param digest of the delta ({@code PeftAdapter#digest}): the same weights have the same digest
 * @param origin {@code upload}, or the id of a tuning job
 * @param rank largest rank in use
 * @param targets PEFT's names of the modules that it reaches, {@code projector} among them
 * @param parameters numbers in all its matrices
 * @param parentDigest always empty: each job trains from base
 * @param baseDigest of the model that it belongs to
 * @param scale 0 to 1: what it is served at
 * @param gate the gate's report; null where no gate has seen it
 */
public record Revision(
    int revision,
    String digest,
    RevisionState state,
    String origin,
    int rank,
    List<String> targets,
    long parameters,
    RevisionFiles files,
    Instant created,
    String note,
    String parentDigest,
    String baseDigest,
    float scale,
    @Nullable GateReport gate) {
  public Revision {
    targets = List.copyOf(targets);
    if (!(scale >= 0 && scale <= 1)) {
      throw TrimtabException.invalid("The scale is %s, expected 0 to 1".formatted(scale));
    }
  }

  public Revision in(RevisionState other) {
    return new Revision(
        revision,
        digest,
        other,
        origin,
        rank,
        targets,
        parameters,
        files,
        created,
        note,
        parentDigest,
        baseDigest,
        scale,
        gate);
  }

  public Revision at(float otherScale) {
    return new Revision(
        revision,
        digest,
        state,
        origin,
        rank,
        targets,
        parameters,
        files,
        created,
        note,
        parentDigest,
        baseDigest,
        otherScale,
        gate);
  }
}
