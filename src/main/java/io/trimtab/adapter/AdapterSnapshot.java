package io.trimtab.adapter;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An adapter as of one version: everything there is to know about it but the weights. Immutable;
 * every change is the next version.
 *
 * @param version from 1, grows by one with every change
 * @param activeRevision 0 where the name is served by base
 * @param canaryRevision 0 for none
 * @param canaryPercent 1 to 99 while there is a canary, else 0
 * @param canaryFrom the state that the canary goes back to when it ends; STAGED without one
 * @param revisions in order of their numbers
 * @param previous revisions that were active before, the latest last: what a rollback goes back
 *     through. 0 is base, which also comes before the first
 * @param lastRevision highest number ever given under this name
 * @param existence whether the name exists; a deleted one keeps its numbers
 * @param change what made this version
 */
public record AdapterSnapshot(
    AdapterId id,
    long version,
    int activeRevision,
    int canaryRevision,
    int canaryPercent,
    RevisionState canaryFrom,
    List<Revision> revisions,
    List<Integer> previous,
    int lastRevision,
    Existence existence,
    Change change) {
  /** Whether an adapter is there. */
  public enum Existence {
    PRESENT,
    DELETED
  }

  /** What happened to an adapter. Wire names are the small letters. */
  public enum Kind {
    CREATED,
    UPLOADED,
    ACTIVATED,
    ROLLED_BACK,
    CANARY,
    SCALED,
    REJECTED,
    QUARANTINED,
    DELETED
  }

  /**
   * One change.
   *
   * @param revision that it was about; 0 for the adapter as a whole, or base
   * @param reason a person's or the governor's words; may be empty
   */
  public record Change(Kind kind, int revision, String reason, Instant time) {
    /** What every reason of a governor's begins with, and no person's. */
    public static final String BY_GOVERNOR = "governor: ";

    /** Whether a governor did it, whichever server's. */
    public boolean byGovernor() {
      return reason.startsWith(BY_GOVERNOR);
    }
  }

  public AdapterSnapshot {
    revisions = List.copyOf(revisions);
    previous = List.copyOf(previous);
    require(version >= 1, "a version below 1");
    require((canaryRevision == 0) == (canaryPercent == 0), "a canary without a share");
    require(canaryPercent >= 0 && canaryPercent <= 99, "a canary for all");
    require(
        existence == Existence.PRESENT || (revisions.isEmpty() && activeRevision == 0),
        "revisions although it is deleted");
    Set<Integer> known = new HashSet<>(Set.of(0));
    int last = 0;
    for (Revision each : revisions) {
      int number = each.revision();
      require(number > last && number <= lastRevision, "revisions out of order");
      require(
          (number == activeRevision) == (each.state() == RevisionState.ACTIVE)
              && (number == canaryRevision) == (each.state() == RevisionState.CANARY),
          "a revision whose state is another");
      known.add(number);
      last = number;
    }
    require(
        known.contains(activeRevision)
            && known.contains(canaryRevision)
            && known.containsAll(previous),
        "revisions that are not there");
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException("An adapter with " + otherwise);
    }
  }

  public Optional<Revision> revision(int number) {
    return revisions.stream().filter(each -> each.revision() == number).findFirst();
  }

  /** Whether a number was a revision's that has been deleted since; it is not given again. */
  public boolean isGone(int number) {
    return number >= 1 && number <= lastRevision && revision(number).isEmpty();
  }

  /** What a rollback goes back to: the latest before that may still be served, else base (0). */
  public int rollbackTarget() {
    for (int number : previous.reversed()) {
      if (number != activeRevision
          && (number == 0
              || revision(number).filter(each -> each.state().servable()).isPresent())) {
        return number;
      }
    }
    return 0;
  }

  /** The revision that is served by name; empty where that is base. */
  public Optional<Revision> active() {
    return revision(activeRevision);
  }
}
