package io.trimtab.adapter;

import io.trimtab.adapter.AdapterSnapshot.Change;
import io.trimtab.adapter.AdapterSnapshot.Existence;
import io.trimtab.adapter.AdapterSnapshot.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** The next version of an adapter in the making. It keeps states, not rules. One thread. */
final class SnapshotDraft {
  /** More steps back than anyone goes; beyond them the oldest is forgotten, and base comes next. */
  private static final int PREVIOUS_MAX = 100;

  private final AdapterId id;
  private final long version;
  private int active;
  private int canary;
  private int canaryPercent;
  private RevisionState canaryFrom;
  private final List<Revision> revisions;
  private final List<Integer> previous;
  private int lastRevision;

  private SnapshotDraft(AdapterSnapshot now) {
    this.id = now.id();
    this.version = now.version() + 1;
    this.active = now.activeRevision();
    this.canary = now.canaryRevision();
    this.canaryPercent = now.canaryPercent();
    this.canaryFrom = now.canaryFrom();
    this.revisions = new ArrayList<>(now.revisions());
    this.previous = new ArrayList<>(now.previous());
    this.lastRevision = now.lastRevision();
  }

  private SnapshotDraft(AdapterId id) {
    this.id = id;
    this.version = 1;
    this.canaryFrom = RevisionState.STAGED;
    this.revisions = new ArrayList<>();
    this.previous = new ArrayList<>();
  }

  static SnapshotDraft after(AdapterSnapshot now) {
    return new SnapshotDraft(now);
  }

  static SnapshotDraft first(AdapterId id) {
    return new SnapshotDraft(id);
  }

  int active() {
    return active;
  }

  /** Returns the new revision's number. */
  int add(NewRevision revision, Instant time) {
    lastRevision++;
    revisions.add(
        new Revision(
            lastRevision,
            revision.digest(),
            revision.state(),
            revision.origin(),
            revision.rank(),
            revision.targets(),
            revision.parameters(),
            revision.files(),
            time,
            revision.note(),
            revision.parentDigest(),
            revision.baseDigest(),
            revision.scale(),
            revision.gate()));
    return lastRevision;
  }

  void change(int number, UnaryOperator<Revision> changed) {
    revisions.replaceAll(each -> each.revision() == number ? changed.apply(each) : each);
  }

  void remove(int number) {
    revisions.removeIf(each -> each.revision() == number);
    previous.removeIf(each -> each == number);
  }

  /** Forgets everything but the numbers that were given. */
  void clear() {
    active = 0;
    clearCanary();
    revisions.clear();
    previous.clear();
  }

  /** Serves a number to all and remembers what was served before. */
  void activate(int number) {
    // At the bottom base is there anyway.
    if (active != 0 || !previous.isEmpty()) {
      previous.addLast(active);
      if (previous.size() > PREVIOUS_MAX) {
        previous.removeFirst();
      }
    }
    serve(number, RevisionState.RETIRED);
  }

  /** Serves what was served before, and what is served now gets the state. Ends a canary. */
  void goBack(RevisionState left) {
    endCanary();
    int before = active;
    int target = active;
    while (target == before && !previous.isEmpty()) {
      target = previous.removeLast();
      if (!servable(target)) {
        target = before;
      }
    }
    serve(target == before ? 0 : target, left);
  }

  /** Whether there is anything to go back to. */
  boolean canGoBack() {
    return active != 0 || previous.stream().anyMatch(each -> each != 0 && servable(each));
  }

  void startCanary(int number, int percent) {
    if (canary != number) {
      endCanary();
      canary = number;
      change(
          number,
          each -> {
            canaryFrom = each.state();
            return each.in(RevisionState.CANARY);
          });
    }
    canaryPercent = percent;
  }

  void endCanary() {
    RevisionState from = canaryFrom;
    change(canary, each -> each.in(from));
    clearCanary();
  }

  /** Ends a canary that goes on to another state. */
  void endCanary(RevisionState to) {
    canaryFrom = to;
    endCanary();
  }

  AdapterSnapshot present(Kind kind, int revision, String reason, Instant time) {
    return finish(Existence.PRESENT, new Change(kind, revision, reason, time));
  }

  AdapterSnapshot deleted(String reason, Instant time) {
    return finish(Existence.DELETED, new Change(Kind.DELETED, 0, reason, time));
  }

  private AdapterSnapshot finish(Existence existence, Change change) {
    return new AdapterSnapshot(
        id,
        version,
        active,
        canary,
        canaryPercent,
        canaryFrom,
        revisions,
        previous,
        lastRevision,
        existence,
        change);
  }

  private void serve(int number, RevisionState left) {
    endCanary();
    change(active, each -> each.in(left));
    active = number;
    change(number, each -> each.in(RevisionState.ACTIVE));
  }

  private boolean servable(int number) {
    return number == 0
        || revisions.stream()
            .anyMatch(each -> each.revision() == number && each.state().servable());
  }

  private void clearCanary() {
    canary = 0;
    canaryPercent = 0;
    canaryFrom = RevisionState.STAGED;
  }
}
