package io.trimtab.adapter;

import static io.trimtab.adapter.Refusals.assertRefused;
import static io.trimtab.adapter.RevisionState.ACTIVE;
import static io.trimtab.adapter.RevisionState.CANARY;
import static io.trimtab.adapter.RevisionState.QUARANTINED;
import static io.trimtab.adapter.RevisionState.REJECTED;
import static io.trimtab.adapter.RevisionState.RETIRED;
import static io.trimtab.adapter.RevisionState.STAGED;
import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adapter.Activation.Force;
import io.trimtab.adapter.AdapterSnapshot.Change;
import io.trimtab.adapter.AdapterSnapshot.Existence;
import io.trimtab.adapter.AdapterSnapshot.Kind;
import io.trimtab.error.ErrorCode;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of states and what leads from one to another. */
class AdapterTransitionsTest {
  private static final AdapterId ID = new AdapterId("acme", "helper");
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  /** Revisions 1 to 3 staged, 4 rejected; base active; version 4. */
  private AdapterSnapshot adapter = fresh();

  @Test
  void anAdapterBeginsAtBase() {
    AdapterSnapshot created = AdapterTransitions.created(ID, null, NOW);
    assertThat(created.version()).isEqualTo(1);
    assertThat(created.activeRevision()).isZero();
    assertThat(created.change()).isEqualTo(new Change(Kind.CREATED, 0, "", NOW));
    assertThat(AdapterTransitions.created(ID, created, NOW)).isSameAs(created);
  }

  @Test
  void anAddedRevisionIsStagedOrRejectedAndNothingMoves() {
    assertStates(STAGED, STAGED, STAGED, REJECTED);
    assertThat(adapter.version()).isEqualTo(4);
    assertThat(adapter.lastRevision()).isEqualTo(4);
    assertThat(adapter.activeRevision()).isZero();
    assertThat(adapter.change()).isEqualTo(new Change(Kind.REJECTED, 4, "", NOW));
    assertThat(adapter.revision(2).orElseThrow().created()).isEqualTo(NOW);
  }

  @ParameterizedTest
  @EnumSource(
      value = RevisionState.class,
      names = {"CANARY", "ACTIVE", "RETIRED", "QUARANTINED"})
  void aNewRevisionIsInNoOtherState(RevisionState state) {
    assertRefused(
        () -> AdapterTransitions.added(ID, adapter, Revisions.of(state), 9, NOW),
        ErrorCode.INVALID_ARGUMENT,
        "A new revision is %s, expected STAGED or REJECTED".formatted(state));
  }

  @Test
  void revisionsAreLimitedAndRejectedOnesCount() {
    assertRefused(
        () -> AdapterTransitions.added(ID, adapter, Revisions.of(STAGED), 4, NOW),
        ErrorCode.RESOURCE_EXHAUSTED,
        "The adapter 'helper' has 4 revisions, rejected ones among them, expected at most 4:"
            + " delete some");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100})
  void activationServesAllAndRetiresWhatServedBefore(int percent) {
    activate(1);
    adapter = AdapterTransitions.activated(adapter, order(2, percent), NOW);
    assertStates(RETIRED, ACTIVE, STAGED, REJECTED);
    assertThat(adapter.activeRevision()).isEqualTo(2);
    assertThat(adapter.previous()).containsExactly(1);
    assertThat(adapter.version()).isEqualTo(6);
    assertThat(adapter.change()).isEqualTo(new Change(Kind.ACTIVATED, 2, "why", NOW));
  }

  @Test
  void activatingWhatIsActiveChangesNothing() {
    activate(1);
    assertThat(AdapterTransitions.activated(adapter, Activation.of(1), NOW)).isSameAs(adapter);
    activate(0);
    assertThat(AdapterTransitions.activated(adapter, Activation.of(0), NOW)).isSameAs(adapter);
  }

  @Test
  void activatingWhatIsActiveWithdrawsACanary() {
    activate(1);
    canary(2, 10);
    activate(1);
    assertStates(ACTIVE, STAGED, STAGED, REJECTED);
    assertThat(adapter.previous()).isEmpty();
  }

  @Test
  void baseCanBeActivated() {
    activate(1);
    activate(0);
    assertStates(RETIRED, STAGED, STAGED, REJECTED);
    assertThat(adapter.previous()).containsExactly(1);
  }

  @Test
  void aCanaryServesBesideTheActiveRevision() {
    activate(1);
    canary(2, 10);
    assertStates(ACTIVE, CANARY, STAGED, REJECTED);
    assertThat(adapter.canaryPercent()).isEqualTo(10);
    assertThat(adapter.change()).isEqualTo(new Change(Kind.CANARY, 2, "why", NOW));
    canary(2, 99);
    assertThat(adapter.canaryPercent()).isEqualTo(99);
    assertThat(AdapterTransitions.activated(adapter, order(2, 99), NOW)).isSameAs(adapter);
  }

  @Test
  void aCanaryThatIsReplacedGoesBackToWhatItWas() {
    activate(1);
    activate(2);
    canary(1, 10);
    canary(3, 10);
    assertStates(RETIRED, ACTIVE, CANARY, REJECTED);
    canary(1, 10);
    assertStates(CANARY, ACTIVE, STAGED, REJECTED);
  }

  @Test
  void aForcedCanaryGoesBackToItsRejection() {
    adapter =
        AdapterTransitions.activated(adapter, new Activation(4, 5, Force.FORCED, "try", 0), NOW);
    assertStates(STAGED, STAGED, STAGED, CANARY);
    rollback();
    assertStates(STAGED, STAGED, STAGED, REJECTED);
  }

  @Test
  void aCanaryIsPromoted() {
    activate(1);
    canary(2, 10);
    activate(2);
    assertStates(RETIRED, ACTIVE, STAGED, REJECTED);
    assertThat(adapter.canaryRevision()).isZero();
    assertThat(adapter.canaryPercent()).isZero();
  }

  @Test
  void activatingAThirdWithdrawsTheCanary() {
    activate(1);
    canary(2, 10);
    activate(3);
    assertStates(RETIRED, STAGED, ACTIVE, REJECTED);
  }

  @Test
  void theActiveRevisionIsNoCanary() {
    activate(1);
    assertRefused(
        () -> canary(1, 10),
        ErrorCode.FAILED_PRECONDITION,
        "Revision 1 of the adapter 'helper' is ACTIVE, expected a canary beside it");
  }

  @ParameterizedTest
  @CsvSource({"1, 101", "1, -1", "0, 50", "-1, 100"})
  void whatIsNoOrderIsRefused(int revision, int percent) {
    String message =
        switch (revision) {
          case 1 -> "canary_percent is %d, expected 0 to 100".formatted(percent);
          case 0 -> "canary_percent is 50 for revision 0, expected 0 or 100: base is no canary";
          default -> "The revision is -1, expected 0 (base) or above";
        };
    assertRefused(() -> order(revision, percent), ErrorCode.INVALID_ARGUMENT, message);
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 10})
  void aRefusedRevisionNeedsForce(int percent) {
    assertRefused(
        () -> AdapterTransitions.activated(adapter, order(4, percent), NOW),
        ErrorCode.FAILED_PRECONDITION,
        "Revision 4 of the adapter 'helper' is REJECTED: only force, with a reason, activates it");
    quarantine(1);
    assertRefused(
        () -> AdapterTransitions.activated(adapter, order(1, percent), NOW),
        ErrorCode.FAILED_PRECONDITION,
        "Revision 1 of the adapter 'helper' is QUARANTINED: only force, with a reason, activates"
            + " it");
    Activation forced = new Activation(1, percent, Force.FORCED, "I looked", 0);
    adapter = AdapterTransitions.activated(adapter, forced, NOW);
    assertThat(adapter.revision(1).orElseThrow().state())
        .isEqualTo(percent == 100 ? ACTIVE : CANARY);
  }

  @Test
  void forceNeedsAReason() {
    assertRefused(
        () -> new Activation(1, 100, Force.FORCED, " \n", 0),
        ErrorCode.INVALID_ARGUMENT,
        "Forced without a reason, expected one");
  }

  @Test
  void reasonsAndNotesAreBounded() {
    String longest = "x".repeat(1_000);
    String message = "The reason has 1001 characters, expected at most 1000";
    for (Runnable call :
        List.<Runnable>of(
            () -> new Activation(1, 100, Force.FORCED, longest + "x", 0),
            () -> AdapterTransitions.rolledBack(adapter, longest + "x", NOW),
            () -> AdapterTransitions.scaled(adapter, 1, 0.5f, longest + "x", NOW),
            () -> AdapterTransitions.quarantined(adapter, 1, longest + "x", NOW),
            () -> AdapterTransitions.without(adapter, 1, longest + "x", NOW),
            () -> AdapterTransitions.deleted(adapter, longest + "x", NOW))) {
      assertRefused(call, ErrorCode.INVALID_ARGUMENT, message);
    }
    assertThat(AdapterTransitions.quarantined(adapter, 1, longest, NOW).change().reason())
        .isEqualTo(longest);
    RevisionFiles files = Revisions.of(STAGED).files();
    assertRefused(
        () ->
            AdapterTransitions.added(
                ID, null, Revisions.of(STAGED, files, longest + "x", 1), 9, NOW),
        ErrorCode.INVALID_ARGUMENT,
        "The note has 1001 characters, expected at most 1000");
    assertRefused(
        () -> AdapterTransitions.deleted(adapter, "\ud800", NOW),
        ErrorCode.INVALID_ARGUMENT,
        "The reason is not Unicode text");
  }

  @Test
  void anotherVersionThanOrderedIsRefused() {
    assertRefused(
        () ->
            AdapterTransitions.activated(
                adapter, new Activation(1, 100, Force.RESPECTING_STATE, "", 3), NOW),
        ErrorCode.FAILED_PRECONDITION,
        "The adapter 'helper' is at version 4, expected 3");
    adapter =
        AdapterTransitions.activated(
            adapter, new Activation(1, 100, Force.RESPECTING_STATE, "", 4), NOW);
    assertRefused(
        () ->
            AdapterTransitions.activated(
                adapter, new Activation(1, 100, Force.RESPECTING_STATE, "", 4), NOW),
        ErrorCode.FAILED_PRECONDITION,
        "The adapter 'helper' is at version 5, expected 4");
  }

  @Test
  void aRevisionThatIsNotThereIsNotFound() {
    String message = "There is no revision 7 of the adapter 'helper'";
    for (Runnable call :
        List.<Runnable>of(
            () -> activate(7),
            () -> AdapterTransitions.scaled(adapter, 7, 0.5f, "", NOW),
            () -> quarantine(7),
            () -> AdapterTransitions.without(adapter, 7, "", NOW))) {
      assertRefused(call, ErrorCode.NOT_FOUND, message);
    }
  }

  @Test
  void rollbackWalksBackToBase() {
    activate(1);
    activate(2);
    activate(3);
    rollback();
    assertStates(RETIRED, ACTIVE, RETIRED, REJECTED);
    assertThat(adapter.change()).isEqualTo(new Change(Kind.ROLLED_BACK, 2, "back", NOW));
    rollback();
    assertStates(ACTIVE, RETIRED, RETIRED, REJECTED);
    rollback();
    assertStates(RETIRED, RETIRED, RETIRED, REJECTED);
    assertRefused(
        this::rollback,
        ErrorCode.FAILED_PRECONDITION,
        "The adapter 'helper' is served by base and has nothing to go back to");
  }

  @Test
  void rollbackComesByBaseWhereThatWasActivated() {
    activate(1);
    activate(0);
    activate(2);
    rollback();
    assertThat(adapter.activeRevision()).isZero();
    rollback();
    assertThat(adapter.activeRevision()).isEqualTo(1);
    rollback();
    assertThat(adapter.activeRevision()).isZero();
  }

  @Test
  void rollbackPassesOverWhatIsGoneOrQuarantined() {
    activate(1);
    activate(2);
    activate(3);
    activate(1);
    quarantine(3);
    adapter = AdapterTransitions.without(adapter, 2, "", NOW);
    assertThat(adapter.previous()).containsExactly(1, 3);
    rollback();
    assertThat(adapter.activeRevision()).isZero();
    assertThat(adapter.previous()).isEmpty();
  }

  @Test
  void rollbackEndsACanary() {
    activate(1);
    activate(2);
    canary(1, 10);
    rollback();
    assertStates(ACTIVE, RETIRED, STAGED, REJECTED);
    assertThat(adapter.canaryRevision()).isZero();
  }

  @Test
  void whereOnlyACanaryRunsRollbackWithdrawsIt() {
    canary(1, 10);
    rollback();
    assertStates(STAGED, STAGED, STAGED, REJECTED);
    assertThat(adapter.change()).isEqualTo(new Change(Kind.ROLLED_BACK, 0, "back", NOW));
  }

  @Test
  void whatIsRememberedOfThePastIsBounded() {
    for (int i = 0; i < 300; i++) {
      activate(1 + i % 2);
    }
    assertThat(adapter.previous()).hasSize(100).endsWith(2, 1);
    for (int i = 0; i < 101; i++) {
      rollback();
    }
    assertThat(adapter.activeRevision()).isZero();
  }

  @Test
  void quarantineOfTheActiveRevisionFallsBack() {
    activate(1);
    activate(2);
    canary(3, 10);
    quarantine(2);
    assertStates(ACTIVE, QUARANTINED, STAGED, REJECTED);
    assertThat(adapter.change()).isEqualTo(new Change(Kind.QUARANTINED, 2, "drift", NOW));
    quarantine(1);
    assertStates(QUARANTINED, QUARANTINED, STAGED, REJECTED);
    assertThat(adapter.activeRevision()).isZero();
  }

  @Test
  void quarantineToBasePassesOverWhatWasBeforeOnce() {
    activate(1);
    activate(2);
    canary(3, 50);
    adapter = AdapterTransitions.quarantinedToBase(adapter, 2, "drift", NOW);
    assertStates(RETIRED, QUARANTINED, STAGED, REJECTED);
    assertThat(adapter.activeRevision()).isZero();
    assertThat(adapter.canaryRevision()).isZero();
    assertThat(adapter.change()).isEqualTo(new Change(Kind.QUARANTINED, 2, "drift", NOW));
    adapter = AdapterTransitions.rolledBack(adapter, "", NOW);
    assertThat(adapter.activeRevision()).isEqualTo(1);

    // One that is not active is quarantined as ever, and base is no revision.
    adapter = AdapterTransitions.quarantinedToBase(adapter, 3, "", NOW);
    assertStates(ACTIVE, QUARANTINED, QUARANTINED, REJECTED);
    assertRefused(
        () -> AdapterTransitions.quarantinedToBase(adapter, 0, "", NOW),
        ErrorCode.NOT_FOUND,
        "There is no revision 0 of the adapter 'helper'");
  }

  @Test
  void quarantineOfACanaryEndsIt() {
    activate(1);
    canary(2, 10);
    quarantine(2);
    assertStates(ACTIVE, QUARANTINED, STAGED, REJECTED);
    assertThat(AdapterTransitions.quarantined(adapter, 2, "", NOW)).isSameAs(adapter);
    assertRefused(
        () -> quarantine(4),
        ErrorCode.FAILED_PRECONDITION,
        "Revision 4 of the adapter 'helper' is REJECTED: nobody is served by it");
  }

  @Test
  void scaleIsOfTheActiveRevisionOrOfANamedOne() {
    activate(1);
    adapter = AdapterTransitions.scaled(adapter, 0, 0.5f, "damp", NOW);
    assertThat(adapter.active().orElseThrow().scale()).isEqualTo(0.5f);
    assertThat(adapter.change()).isEqualTo(new Change(Kind.SCALED, 1, "damp", NOW));
    adapter = AdapterTransitions.scaled(adapter, 2, 0, "", NOW);
    assertThat(adapter.revision(2).orElseThrow().scale()).isZero();
    assertThat(AdapterTransitions.scaled(adapter, 2, 0, "", NOW)).isSameAs(adapter);
  }

  @ParameterizedTest
  @ValueSource(floats = {-0.1f, 1.1f, Float.NaN, Float.POSITIVE_INFINITY})
  void scaleIsAFraction(float scale) {
    assertRefused(
        () -> AdapterTransitions.scaled(adapter, 1, scale, "", NOW),
        ErrorCode.INVALID_ARGUMENT,
        "The scale is %s, expected 0 to 1".formatted(scale));
  }

  @Test
  void baseHasNoScale() {
    assertRefused(
        () -> AdapterTransitions.scaled(adapter, 0, 0.5f, "", NOW),
        ErrorCode.FAILED_PRECONDITION,
        "The adapter 'helper' is served by base, which has no scale: activate a revision or name"
            + " one");
  }

  @Test
  void whatIsServedIsNotDeleted() {
    activate(1);
    canary(2, 10);
    assertRefused(
        () -> AdapterTransitions.without(adapter, 1, "", NOW),
        ErrorCode.FAILED_PRECONDITION,
        "Revision 1 of the adapter 'helper' is ACTIVE: activate another or roll back first");
    assertRefused(
        () -> AdapterTransitions.without(adapter, 2, "", NOW),
        ErrorCode.FAILED_PRECONDITION,
        "Revision 2 of the adapter 'helper' is CANARY: activate another for all requests or roll"
            + " back first");
  }

  @Test
  void aDeletedRevisionsNumberIsNotGivenAgain() {
    adapter = AdapterTransitions.without(adapter, 4, "old", NOW);
    assertThat(adapter.change()).isEqualTo(new Change(Kind.DELETED, 4, "old", NOW));
    adapter = AdapterTransitions.added(ID, adapter, Revisions.of(STAGED), 9, NOW);
    assertThat(adapter.revisions()).extracting(Revision::revision).containsExactly(1, 2, 3, 5);
  }

  @Test
  void aDeletedAdapterKeepsItsNumbers() {
    activate(1);
    canary(2, 10);
    adapter = AdapterTransitions.deleted(adapter, "bye", NOW);
    assertThat(adapter.existence()).isEqualTo(Existence.DELETED);
    assertThat(adapter.revisions()).isEmpty();
    assertThat(adapter.lastRevision()).isEqualTo(4);
    long version = adapter.version();
    adapter = AdapterTransitions.created(ID, adapter, NOW);
    assertThat(adapter.version()).isEqualTo(version + 1);
    assertThat(adapter.existence()).isEqualTo(Existence.PRESENT);
    adapter = AdapterTransitions.added(ID, adapter, Revisions.of(STAGED), 9, NOW);
    assertThat(adapter.revisions()).extracting(Revision::revision).containsExactly(5);
  }

  private static AdapterSnapshot fresh() {
    AdapterSnapshot now = AdapterTransitions.added(ID, null, Revisions.of(STAGED), 9, NOW);
    for (RevisionState state : List.of(STAGED, STAGED, REJECTED)) {
      now = AdapterTransitions.added(ID, now, Revisions.of(state), 9, NOW);
    }
    return now;
  }

  private void activate(int revision) {
    adapter = AdapterTransitions.activated(adapter, order(revision, 100), NOW);
  }

  private void canary(int revision, int percent) {
    adapter = AdapterTransitions.activated(adapter, order(revision, percent), NOW);
  }

  private void rollback() {
    adapter = AdapterTransitions.rolledBack(adapter, "back", NOW);
  }

  private void quarantine(int revision) {
    adapter = AdapterTransitions.quarantined(adapter, revision, "drift", NOW);
  }

  private static Activation order(int revision, int percent) {
    return new Activation(revision, percent, Force.RESPECTING_STATE, "why", 0);
  }

  private void assertStates(RevisionState... states) {
    assertThat(adapter.revisions()).extracting(Revision::state).containsExactly(states);
  }
}
