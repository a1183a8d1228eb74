package io.trimtab.adapter;

import io.trimtab.adapter.Activation.Force;
import io.trimtab.adapter.AdapterSnapshot.Existence;
import io.trimtab.adapter.AdapterSnapshot.Kind;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What may happen to an adapter: from one version to the next, or a refusal. Pure; the same
 * snapshot is returned where nothing has to change.
 *
 * <p>Refusals are INVALID_ARGUMENT for what could never be, NOT_FOUND for a revision that is not
 * there, FAILED_PRECONDITION for a state that does not allow it, RESOURCE_EXHAUSTED at a limit.
 */
final class AdapterTransitions {
  private AdapterTransitions() {}

  /** The adapter at revision 0, which is base. A deleted one keeps its numbers. */
  static AdapterSnapshot created(AdapterId id, @Nullable AdapterSnapshot now, Instant time) {
    if (now != null && now.existence() == Existence.PRESENT) {
      return now;
    }
    return draft(id, now).present(Kind.CREATED, 0, "", time);
  }

  /** With one more revision, its number one more than the last ever given. */
  static AdapterSnapshot added(
      AdapterId id,
      @Nullable AdapterSnapshot now,
      NewRevision revision,
      int revisionsMax,
      Instant time) {
    FreeText.check("note", revision.note());
    Kind kind =
        switch (revision.state()) {
          case STAGED -> Kind.UPLOADED;
          case REJECTED -> Kind.REJECTED;
          case CANARY, ACTIVE, RETIRED, QUARANTINED ->
              throw TrimtabException.invalid(
                  "A new revision is %s, expected STAGED or REJECTED".formatted(revision.state()));
        };
    if (now != null) {
      requireRoom(now, revisionsMax);
    }
    SnapshotDraft draft = draft(id, now);
    int number = draft.add(revision, time);
    return draft.present(kind, number, "", time);
  }

  /** Refuses where there are as many revisions as there may be: not one more is added. */
  static void requireRoom(AdapterSnapshot now, int revisionsMax) {
    int revisions = now.revisions().size();
    if (revisions >= revisionsMax) {
      throw new TrimtabException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "The adapter '%s' has %d revisions, rejected ones among them, expected at most %d: delete some"
              .formatted(now.id().name(), revisions, revisionsMax));
    }
  }

  /** A revision, or base, served to all or to some. */
  static AdapterSnapshot activated(AdapterSnapshot now, Activation order, Instant time) {
    requireVersion(now, order.ifVersion());
    int number = order.revision();
    requireServable(now, order);
    return order.whole()
        ? servedToAll(now, number, order.reason(), time)
        : servedToSome(now, number, order.canaryPercent(), order.reason(), time);
  }

  /**
   * Refuses at another version.
   *
   * @param ifVersion 0 for any
   */
  static void requireVersion(AdapterSnapshot now, long ifVersion) {
    if (ifVersion != 0 && ifVersion != now.version()) {
      throw refused(
          "The adapter '%s' is at version %d, expected %d"
              .formatted(now.id().name(), now.version(), ifVersion));
    }
  }

  /** Back to what was served before; where base is and nothing was, without the canary. */
  static AdapterSnapshot rolledBack(AdapterSnapshot now, String reason, Instant time) {
    FreeText.check("reason", reason);
    SnapshotDraft draft = SnapshotDraft.after(now);
    if (draft.canGoBack()) {
      draft.goBack(RevisionState.RETIRED);
    } else if (now.canaryRevision() != 0) {
      draft.endCanary();
    } else {
      throw refused(
          "The adapter '%s' is served by base and has nothing to go back to"
              .formatted(now.id().name()));
    }
    return draft.present(Kind.ROLLED_BACK, draft.active(), reason, time);
  }

  /**
   * A revision at another scale.
   *
   * @param revision 0 for the active one
   */
  static AdapterSnapshot scaled(
      AdapterSnapshot now, int revision, float scale, String reason, Instant time) {
    FreeText.check("reason", reason);
    if (!(scale >= 0 && scale <= 1)) {
      throw TrimtabException.invalid("The scale is %s, expected 0 to 1".formatted(scale));
    }
    int number = revision == 0 ? now.activeRevision() : revision;
    if (number == 0) {
      throw refused(
          "The adapter '%s' is served by base, which has no scale: activate a revision or name one"
              .formatted(now.id().name()));
    }
    if (require(now, number).scale() == scale) {
      return now;
    }
    SnapshotDraft draft = SnapshotDraft.after(now);
    draft.change(number, each -> each.at(scale));
    return draft.present(Kind.SCALED, number, reason, time);
  }

  /** A revision served to nobody; an active one falls back as a rollback does. */
  static AdapterSnapshot quarantined(AdapterSnapshot now, int number, String reason, Instant time) {
    FreeText.check("reason", reason);
    SnapshotDraft draft = SnapshotDraft.after(now);
    switch (require(now, number).state()) {
      case ACTIVE -> draft.goBack(RevisionState.QUARANTINED);
      case CANARY -> draft.endCanary(RevisionState.QUARANTINED);
      case STAGED, RETIRED -> draft.change(number, each -> each.in(RevisionState.QUARANTINED));
      case QUARANTINED -> {
        return now;
      }
      case REJECTED ->
          throw refused("%s is REJECTED: nobody is served by it".formatted(words(now, number)));
    }
    return draft.present(Kind.QUARANTINED, number, reason, time);
  }

  /** The same, but base follows an active one, whatever was served before it. */
  static AdapterSnapshot quarantinedToBase(
      AdapterSnapshot now, int number, String reason, Instant time) {
    if (number == 0 || number != now.activeRevision()) {
      return quarantined(now, number, reason, time);
    }
    FreeText.check("reason", reason);
    SnapshotDraft draft = SnapshotDraft.after(now);
    draft.activate(0);
    draft.change(number, each -> each.in(RevisionState.QUARANTINED));
    return draft.present(Kind.QUARANTINED, number, reason, time);
  }

  /** Without a revision, whose number is never given again. */
  static AdapterSnapshot without(AdapterSnapshot now, int number, String reason, Instant time) {
    FreeText.check("reason", reason);
    switch (require(now, number).state()) {
      case ACTIVE ->
          throw refused(
              "%s is ACTIVE: activate another or roll back first".formatted(words(now, number)));
      case CANARY ->
          throw refused(
              "%s is CANARY: activate another for all requests or roll back first"
                  .formatted(words(now, number)));
      case STAGED, RETIRED, REJECTED, QUARANTINED -> {}
    }
    SnapshotDraft draft = SnapshotDraft.after(now);
    draft.remove(number);
    return draft.present(Kind.DELETED, number, reason, time);
  }

  /** Gone, but for the numbers that were given. */
  static AdapterSnapshot deleted(AdapterSnapshot now, String reason, Instant time) {
    FreeText.check("reason", reason);
    SnapshotDraft draft = SnapshotDraft.after(now);
    draft.clear();
    return draft.deleted(reason, time);
  }

  static TrimtabException noRevision(AdapterId id, int number) {
    return new TrimtabException(
        ErrorCode.NOT_FOUND,
        "There is no revision %d of the adapter '%s'".formatted(number, id.name()));
  }

  private static AdapterSnapshot servedToAll(
      AdapterSnapshot now, int number, String reason, Instant time) {
    SnapshotDraft draft = SnapshotDraft.after(now);
    if (number != now.activeRevision()) {
      draft.activate(number);
    } else if (now.canaryRevision() != 0) {
      draft.endCanary();
    } else {
      return now;
    }
    return draft.present(Kind.ACTIVATED, number, reason, time);
  }

  private static AdapterSnapshot servedToSome(
      AdapterSnapshot now, int number, int percent, String reason, Instant time) {
    if (number == now.activeRevision()) {
      throw refused("%s is ACTIVE, expected a canary beside it".formatted(words(now, number)));
    }
    if (number == now.canaryRevision() && percent == now.canaryPercent()) {
      return now;
    }
    SnapshotDraft draft = SnapshotDraft.after(now);
    draft.startCanary(number, percent);
    return draft.present(Kind.CANARY, number, reason, time);
  }

  private static void requireServable(AdapterSnapshot now, Activation order) {
    if (order.revision() == 0) {
      return;
    }
    RevisionState state = require(now, order.revision()).state();
    if (!state.servable() && order.force() == Force.RESPECTING_STATE) {
      throw refused(
          "%s is %s: only force, with a reason, activates it"
              .formatted(words(now, order.revision()), state));
    }
  }

  private static Revision require(AdapterSnapshot now, int number) {
    return now.revision(number).orElseThrow(() -> noRevision(now.id(), number));
  }

  private static SnapshotDraft draft(AdapterId id, @Nullable AdapterSnapshot now) {
    return now == null ? SnapshotDraft.first(id) : SnapshotDraft.after(now);
  }

  private static String words(AdapterSnapshot now, int number) {
    return "Revision %d of the adapter '%s'".formatted(number, now.id().name());
  }

  private static TrimtabException refused(String message) {
    return new TrimtabException(ErrorCode.FAILED_PRECONDITION, message);
  }
}
