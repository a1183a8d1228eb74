package io.trimtab.adaptation.governor;

import static io.trimtab.adaptation.governor.GovernorBench.BIRDS;
import static io.trimtab.adaptation.governor.GovernorBench.drift;
import static io.trimtab.adaptation.governor.GovernorBench.observe;
import static io.trimtab.adaptation.governor.GovernorBench.signal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.FaultyStore.Step;
import io.trimtab.adaptation.governor.GovernorEvent.Outcome;
import io.trimtab.adaptation.governor.GovernorSettings.Mode;
import io.trimtab.adaptation.governor.GovernorSettings.Retrain;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterSelector;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.RevisionState;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.DriftSignal.Cause;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Served;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.TurnedClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a signal, over a real registry: what is served afterwards, and what is told. */
class GovernorTest {
  private static final double MILD = 0.1;
  private static final double SEVERE = 0.5;

  @TempDir private Path folder;
  private final TurnedClock clock = new TurnedClock();
  private FileObjectStore store;
  private GovernorBench bench;

  @BeforeEach
  void open() {
    store = FileObjectStore.open(folder.resolve("store"));
    bench = server("here", GovernorSettings.defaults());
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void driftIsDampedAndTheNextRequestIsServedSo() {
    Served served = bench.active();

    bench.governor.signal(drift(served, MILD));

    assertThat(bench.served()).get().extracting(ResolvedRevision::scale).isEqualTo(0.7f);
    // Loaded before it was served.
    assertThat(bench.engine.preloaded()).extracting(ResolvedRevision::scale).containsExactly(0.7f);
    GovernorEvent event = onlyEvent();
    assertThat(event.action()).isEqualTo(GovernorAction.DAMP);
    assertThat(event.outcome()).isEqualTo(Outcome.DONE);
    assertThat(event.version()).isEqualTo(bench.now().version());
    assertThat(event.time()).isEqualTo(clock.instant());
    assertThat(bench.now().change().reason())
        .isEqualTo("governor: numbers_bias+: says numbers")
        .isEqualTo("governor: " + event.reason());
    assertThat(bench.retrained).isEmpty();
  }

  @Test
  void whatDriftsAtItsLowestScaleGivesWayToWhatWasBefore() {
    Served earlier = bench.active();
    Served later = bench.active();
    bench.registry.setScale(BIRDS, later.revision(), 0.5f, "");

    bench.governor.signal(drift(new Served(BIRDS, later.revision(), 0.5f), MILD));

    assertThat(bench.served())
        .get()
        .extracting(ResolvedRevision::revision)
        .isEqualTo(earlier.revision());
    assertThat(bench.revision(later.revision()).state()).isEqualTo(RevisionState.RETIRED);
    assertThat(said()).containsExactly("ROLLBACK DONE", "RETRAIN DONE");
    assertThat(bench.told.getLast().reason()).isEqualTo("job job-1");
    assertThat(bench.retrained).containsExactly(BIRDS);
  }

  @Test
  void whatIsFarBeyondItsEnvelopeIsServedToNobody() {
    Served earlier = bench.active();
    Served later = bench.active();

    bench.governor.signal(drift(later, SEVERE));

    assertThat(bench.served())
        .get()
        .extracting(ResolvedRevision::revision)
        .isEqualTo(earlier.revision());
    requireQuarantined(later);
    assertThat(said()).containsExactly("QUARANTINE DONE", "RETRAIN DONE");
  }

  @Test
  void baseTakesOverWhereTheEarlierCannotBeLoaded() {
    Served earlier = bench.active();
    Served later = bench.active();
    bench.engine.preloadFailure(new TrimtabException(ErrorCode.INTERNAL, "The files are damaged"));

    bench.governor.signal(drift(later, SEVERE));

    assertThat(bench.served()).isEmpty();
    requireQuarantined(later);
    assertThat(said()).containsExactly("QUARANTINE DONE", "RETRAIN DONE");
    // A person who mends the files goes back to it.
    bench.engine.preloadFailure(null);
    assertThat(bench.publisher.rollback(BIRDS, "").activeRevision()).isEqualTo(earlier.revision());
  }

  @Test
  void theFirstRevisionGivesWayToBase() {
    Served only = bench.active();

    bench.governor.signal(drift(only, SEVERE));

    assertThat(bench.served()).isEmpty();
    requireQuarantined(only);
  }

  /** All checks of the probes say why in a sentence each, more than a version's reason may hold. */
  @Test
  void aReasonOfAnyLengthQuarantines() {
    Served served = bench.active();
    // Half of it would lie on either side of the cut.
    String details = "x".repeat(880 - 1) + "\uD83D\uDC26".repeat(600);
    DriftSignal signal =
        new DriftSignal(
            clock.instant(),
            served,
            GovernorPolicy.PROBES,
            DriftLevel.DRIFT,
            6,
            1,
            0,
            Cause.MODEL,
            300,
            details);

    bench.governor.signal(signal);

    requireQuarantined(served);
    assertThat(bench.told.getFirst().reason()).isEqualTo("probes: " + details);
    assertThat(bench.now().change().reason())
        .startsWith("governor: probes: xxx")
        .endsWith("\uD83D\uDC26 ...")
        .hasSizeLessThan(1000);
  }

  @Test
  void aCanaryThatDriftsIsServedToNobodyAndTheRestAsBefore() {
    Served active = bench.active();
    Served canary = bench.canary();

    bench.governor.signal(drift(canary, MILD));

    requireQuarantined(canary);
    AdapterSnapshot now = bench.now();
    assertThat(now.activeRevision()).isEqualTo(active.revision());
    assertThat(now.canaryRevision()).isZero();
    assertThat(said()).containsExactly("WITHDRAW DONE");
  }

  @ParameterizedTest
  @EnumSource(Cause.class)
  void aWarningIsSaidAndWhatLiveAnswersCannotTellIsProbed(Cause cause) {
    Served served = bench.active();
    long version = bench.now().version();

    bench.governor.signal(signal(served, DriftLevel.WARNING, cause, MILD));

    assertThat(said()).containsExactly("WARN DONE");
    assertThat(onlyEvent().version()).isZero();
    assertThat(bench.now().version()).isEqualTo(version);
    assertThat(bench.probed).isEqualTo(cause == Cause.MODEL ? List.of() : List.of(served));
  }

  @ParameterizedTest
  @CsvSource({"0.1, DAMP", "0.5, QUARANTINE"})
  void whoAdvisesSaysWhatItWouldDoAndDoesNothing(double excess, String action) {
    bench = server("adviser", in(Mode.ADVISE));
    Served served = bench.active();
    long version = bench.now().version();

    bench.governor.signal(drift(served, excess));

    assertThat(said()).containsExactly(action + " ADVISED");
    assertThat(onlyEvent().reason()).isEqualTo("numbers_bias+: says numbers");
    assertThat(bench.now().version()).isEqualTo(version);
    assertThat(bench.engine.preloaded()).isEmpty();
    assertThat(bench.retrained).isEmpty();
  }

  @Test
  void aPersonWhoActsBetweenDecisionAndActionWins() {
    Served served = bench.active();
    GovernorBench person = server("there", GovernorSettings.defaults());
    bench.store.atNext(
        Step.PUT, () -> person.registry.setScale(BIRDS, served.revision(), 0.9f, "as I like it"));

    bench.governor.signal(drift(served, MILD));

    GovernorEvent event = onlyEvent();
    assertThat(event.outcome()).isEqualTo(Outcome.NOT_DONE);
    assertThat(event.action()).isEqualTo(GovernorAction.DAMP);
    assertThat(event.version()).isZero();
    assertThat(event.reason())
        .startsWith("numbers_bias+: says numbers; not done: ")
        .contains("is at version 3, expected 2");
    assertThat(bench.served()).get().extracting(ResolvedRevision::scale).isEqualTo(0.9f);
  }

  @Test
  void ofTwoGovernorsWhoSawTheSameOneActs() {
    Served earlier = bench.active();
    Served served = bench.active();
    GovernorBench other = server("there", GovernorSettings.defaults());
    bench.store.atNext(Step.PUT, () -> other.governor.signal(drift(served, SEVERE)));

    bench.governor.signal(drift(served, SEVERE));

    assertThat(said()).containsExactly("QUARANTINE NOT_DONE");
    assertThat(other.told)
        .extracting(GovernorEvent::action)
        .containsExactly(GovernorAction.QUARANTINE, GovernorAction.RETRAIN);
    assertThat(bench.retrained).isEmpty();
    // One step back, not two.
    assertThat(bench.now().activeRevision()).isEqualTo(earlier.revision());
  }

  @Test
  void whoComesLaterFindsItDone() {
    Served served = bench.active();
    GovernorBench other = server("there", GovernorSettings.defaults());
    other.governor.signal(drift(served, MILD));

    bench.governor.signal(drift(served, MILD));

    assertThat(said()).containsExactly("NONE DONE");
    assertThat(bench.registry.newest(BIRDS).revision(served.revision()).orElseThrow().scale())
        .isEqualTo(0.7f);
  }

  @Test
  void whatCannotBeLoadedIsNotServedAndTheEventSaysWhy() {
    Served served = bench.active();
    bench.engine.preloadFailure(new TrimtabException(ErrorCode.UNAVAILABLE, "The disk is away"));

    bench.governor.signal(drift(served, MILD));

    assertThat(said()).containsExactly("DAMP NOT_DONE");
    assertThat(onlyEvent().reason())
        .isEqualTo("numbers_bias+: says numbers; not done: The disk is away");
    assertThat(bench.served()).get().extracting(ResolvedRevision::scale).isEqualTo(1f);
  }

  /** The disk may even fail in a way that nobody thought of. */
  @Test
  void anUnknownFailureIsAnEventToo() {
    Served served = bench.active();
    bench.store.atNext(
        Step.PUT,
        () -> {
          throw new IllegalStateException("no idea");
        });

    bench.governor.signal(drift(served, MILD));

    assertThat(said()).containsExactly("DAMP NOT_DONE");
    assertThat(onlyEvent().reason()).contains("no idea");
  }

  @Test
  void aStoreThatCannotBeReadIsAnEventToo() {
    Served served = bench.active();
    bench.store.failAt(Step.READ, 1);

    bench.governor.signal(drift(served, MILD));

    assertThat(said()).containsExactly("NONE NOT_DONE");
    assertThat(onlyEvent().reason()).contains("The disk is away");
  }

  @Test
  void aDeletedAdapterIsLeftAndSaid() {
    Served served = bench.active();
    bench.registry.delete(BIRDS, 0, "");

    bench.governor.signal(drift(served, SEVERE));

    assertThat(said()).containsExactly("NONE DONE");
    assertThat(onlyEvent().reason()).contains("birds");
  }

  @Test
  void tooFewExamplesAreSaid() {
    bench.noRetraining(
        new TrimtabException(ErrorCode.FAILED_PRECONDITION, "3 usable examples, expected 20"));
    Served served = bench.active();

    bench.governor.signal(drift(served, SEVERE));

    assertThat(said()).containsExactly("QUARANTINE DONE", "RETRAIN NOT_DONE");
    assertThat(bench.told.getLast().reason()).isEqualTo("3 usable examples, expected 20");
  }

  @Test
  void retrainingIsLeftWhereThatIsSet() {
    bench = server("leaves", with(Retrain.LEAVE));

    bench.governor.signal(drift(bench.active(), SEVERE));

    assertThat(said()).containsExactly("QUARANTINE DONE");
    assertThat(bench.retrained).isEmpty();
  }

  @Test
  void limitsHoldAcrossARestartUntilTheSpanIsOver() {
    for (int i = 0; i < 4; i++) {
      bench.governor.signal(drift(bench.active(), SEVERE));
    }
    Served fifth = bench.active();
    bench = server("here", GovernorSettings.defaults());

    bench.governor.signal(drift(fifth, SEVERE));
    assertThat(said()).containsExactly("WARN DONE");
    assertThat(onlyEvent().reason()).contains("4 changes were made within PT1H");
    assertThat(bench.served())
        .get()
        .extracting(ResolvedRevision::revision)
        .isEqualTo(fifth.revision());

    clock.turn(Duration.ofHours(1));
    bench.governor.signal(drift(fifth, SEVERE));
    assertThat(said()).containsExactly("WARN DONE", "QUARANTINE DONE", "RETRAIN DONE");
  }

  /** Nobody may have decided by then: it is still served. */
  @Test
  void whatWasOneChangeTooManyIsTakenUpOnceTheSpanIsOver() {
    for (int i = 0; i < 4; i++) {
      bench.governor.signal(drift(bench.active(), SEVERE));
    }
    Served fifth = bench.active();
    bench.refusals = () -> List.of(refusedByProbes(fifth));
    DriftWatch watch = bench.watch(_ -> {});
    bench.governor.catchUp(watch);
    assertThat(said()).endsWith("WARN DONE").hasSize(9);
    clock.turn(Duration.ofMinutes(59));
    bench.governor.catchUp(watch);
    assertThat(said()).hasSize(9);

    clock.turn(Duration.ofMinutes(1));
    bench.governor.catchUp(watch);

    requireQuarantined(fifth);
    assertThat(said()).endsWith("QUARANTINE DONE", "RETRAIN DONE").hasSize(11);
  }

  @ParameterizedTest
  @CsvSource({"'{', 1", "'', 1", "'{}', 1", "'[{}]', 1", "'[null]', 1", "'null', 1"})
  void aDamagedHistoryBeginsAnew(String contents, int after) throws IOException {
    for (int i = 0; i < 4; i++) {
      bench.governor.signal(drift(bench.active(), MILD));
    }
    Path file = folder.resolve("here/acme/birds/governor.json");
    Files.writeString(file, contents);
    bench = server("here", GovernorSettings.defaults());

    bench.governor.signal(drift(bench.active(), MILD));

    assertThat(said()).containsExactly("DAMP DONE");
    assertThat(new GovernorHistory(folder.resolve("here")).of(BIRDS)).hasSize(after);
  }

  @Test
  void aHistoryThatCannotBeWrittenHoldsInMemory() throws IOException {
    Files.createDirectories(folder.resolve("here"));
    Files.writeString(folder.resolve("here/acme"), "a file where a folder should be");
    for (int i = 0; i < 5; i++) {
      bench.governor.signal(drift(bench.active(), MILD));
    }

    assertThat(said()).endsWith("DAMP DONE", "WARN DONE").hasSize(5);
  }

  @Test
  void theHistoryKeepsTheLatestEvents() {
    Served served = bench.active();
    flap(served, 134);

    List<GovernorEvent> kept = new GovernorHistory(folder.resolve("here")).of(BIRDS);
    assertThat(kept).isEqualTo(bench.told.subList(6, 134));
  }

  /** A detector whose evidence hovers at its threshold warns with every other answer. */
  @Test
  void warningsDoNotPushOutWhatTheLimitCountsAndWhatWasSaid() {
    Served served = bench.active();
    for (int i = 0; i < 4; i++) {
      bench.governor.signal(drift(bench.active(), SEVERE));
    }
    Served fifth = bench.active();
    bench.governor.signal(drift(fifth, SEVERE));
    assertThat(said()).endsWith("WARN DONE");
    flap(served, 300);

    bench.governor.signal(drift(bench.active(), SEVERE));

    assertThat(said()).endsWith("WARN DONE");
    GovernorHistory kept = new GovernorHistory(folder.resolve("here"));
    assertThat(kept.changes(BIRDS)).hasSize(4);
    assertThat(kept.last(fifth, event -> event.action() == GovernorAction.WARN)).isPresent();
  }

  /** Years of changes do not push out what is said now. */
  @Test
  void oldChangesMakeRoom() {
    for (int i = 0; i < 130; i++) {
      clock.turn(Duration.ofHours(2));
      Served damped = served();
      // Served anew, not served again: what a person restores is left to that person.
      bench.registry.activate(BIRDS, Activation.of(0));
      bench.registry.setScale(BIRDS, damped.revision(), 1, "");
      bench.registry.activate(BIRDS, Activation.of(damped.revision()));
      bench.governor.signal(drift(served(), MILD));
    }
    assertThat(said()).containsOnly("DAMP DONE");
    bench.governor.signal(signal(served(), DriftLevel.WARNING, Cause.MODEL, MILD));
    bench.governor.signal(signal(served(), DriftLevel.STABLE, Cause.MODEL, MILD));

    GovernorHistory kept = new GovernorHistory(folder.resolve("here"));
    assertThat(kept.last(served(), event -> event.action() == GovernorAction.WARN)).isPresent();
    assertThat(kept.changes(BIRDS)).hasSizeGreaterThanOrEqualTo(64);
  }

  private Served served() {
    if (bench.registry.list("acme").isEmpty()) {
      return bench.active();
    }
    ResolvedRevision now = bench.served().orElseThrow();
    return new Served(BIRDS, now.revision(), now.scale());
  }

  private void flap(Served served, int signals) {
    for (int i = 0; i < signals; i++) {
      bench.governor.signal(
          signal(served, i % 2 == 0 ? DriftLevel.WARNING : DriftLevel.STABLE, Cause.MODEL, i));
    }
  }

  @Test
  void aSignalToAServerThatStopsIsLeft() {
    Served served = bench.active();
    bench.thread.shutdown();

    bench.governor.signal(drift(served, SEVERE));

    assertThat(bench.told).isEmpty();
    assertThat(bench.served()).isPresent();
  }

  /** The signal went down with the process; the watch's state did not. */
  @Test
  void driftWhoseSignalWasLostIsActedUpon() {
    Served served = bench.active();
    DriftWatch watch = bench.watch(_ -> {});
    observe(watch, served, 500, 1);
    watch.save();
    bench = server("here", GovernorSettings.defaults());
    DriftWatch restored = bench.watch(bench.governor);
    observe(restored, served, 1, 1);
    assertThat(bench.told).isEmpty();

    bench.governor.catchUp(restored);

    requireQuarantined(served);
    List<String> once = said();
    assertThat(once).contains("QUARANTINE DONE", "RETRAIN DONE");
    clock.turn(Duration.ofDays(1));
    bench.governor.catchUp(restored);
    assertThat(said()).isEqualTo(once);
  }

  /** It was pinned while it drifted, and the one after it was taken away. */
  @Test
  void knownDriftIsActedUponOnceTheRevisionIsServedAgain() {
    Served earlier = bench.active();
    Served later = bench.active();
    DriftWatch watch = bench.watch(bench.governor);
    observe(watch, earlier, 500, 1);
    assertThat(said()).isNotEmpty().containsOnly("NONE DONE");
    bench.governor.catchUp(watch);
    assertThat(said()).containsOnly("NONE DONE");
    bench.registry.quarantine(BIRDS, later.revision(), "by hand");
    assertThat(bench.now().activeRevision()).isEqualTo(earlier.revision());

    bench.governor.catchUp(watch);

    requireQuarantined(earlier);
    assertThat(said()).contains("QUARANTINE DONE");
  }

  /** Another server has moved the name, and what it moved to cannot be loaded here yet. */
  @Test
  void whatIsServedHereStaysUntilAChangeThoughSignalsCome() {
    Served earlier = bench.active();
    GovernorBench other = server("there", GovernorSettings.defaults());
    Served later = other.active();

    bench.governor.signal(signal(earlier, DriftLevel.WARNING, Cause.MODEL, MILD));
    bench.governor.signal(drift(earlier, SEVERE));

    assertThat(said()).containsExactly("NONE DONE", "NONE DONE");
    assertThat(bench.now().activeRevision()).isEqualTo(earlier.revision());
    assertThat(bench.registry.newest(BIRDS).activeRevision()).isEqualTo(later.revision());
  }

  @Test
  void whatCouldNotBeDoneIsTriedAgainAfterAPause() {
    Served served = bench.active();
    DriftWatch watch = bench.watch(bench.governor);
    failEveryWrite();
    observe(watch, served, 500, 1);
    List<String> refused = said();
    assertThat(refused).contains("QUARANTINE NOT_DONE").doesNotContain("QUARANTINE DONE");

    bench.governor.catchUp(watch);
    assertThat(said()).isEqualTo(refused);

    bench.store.atNext(Step.PUT, () -> {});
    clock.turn(Duration.ofMinutes(1));
    bench.governor.catchUp(watch);
    requireQuarantined(served);
    assertThat(said()).contains("QUARANTINE DONE");
  }

  private void failEveryWrite() {
    bench.store.atNext(
        Step.PUT,
        () -> {
          failEveryWrite();
          throw new TrimtabException(ErrorCode.UNAVAILABLE, "The disk is away");
        });
  }

  @Test
  void aCanaryThatHasShownEnoughIsServedToAllOnce() {
    bench.active();
    Served canary = bench.canary();
    DriftWatch watch = bench.watch(bench.governor);
    observe(watch, canary, 199, 0);
    bench.governor.promoteCanaries(watch);
    assertThat(bench.told).isEmpty();

    observe(watch, canary, 1, 0);
    bench.governor.promoteCanaries(watch);
    bench.governor.promoteCanaries(watch);

    assertThat(said()).containsExactly("PROMOTE DONE");
    assertThat(bench.now().activeRevision()).isEqualTo(canary.revision());
    assertThat(bench.now().canaryRevision()).isZero();
    assertThat(onlyEvent().version()).isEqualTo(bench.now().version());
    assertThat(bench.now().change().reason()).startsWith("governor: 200 answers of the canary");
  }

  @Test
  void aPromotionIsAdvisedOnce() {
    bench = server("adviser", in(Mode.ADVISE));
    bench.active();
    Served canary = bench.canary();
    DriftWatch watch = bench.watch(bench.governor);
    observe(watch, canary, 300, 0);
    for (int i = 0; i < 3; i++) {
      bench.governor.promoteCanaries(watch);
      clock.turn(Duration.ofHours(1));
    }

    assertThat(said()).containsExactly("PROMOTE ADVISED");
    assertThat(bench.now().canaryRevision()).isEqualTo(canary.revision());

    // What was only advised then is done by a governor that may.
    bench = server("adviser", in(Mode.ACT));
    bench.governor.promoteCanaries(watch);
    assertThat(said()).containsExactly("PROMOTE DONE");
  }

  @Test
  void aPromotionThatFailsIsTriedAgainAfterAPauseAndHoldsUpNoOther() {
    bench.active();
    Served canary = bench.canary();
    DriftWatch watch = bench.watch(bench.governor);
    observe(watch, canary, 300, 0);
    bench.engine.preloadFailure(new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "No room"));
    bench.governor.promoteCanaries(watch);
    bench.governor.promoteCanaries(watch);
    assertThat(said()).containsExactly("PROMOTE NOT_DONE");

    bench.engine.preloadFailure(null);
    clock.turn(Duration.ofMinutes(1));
    bench.governor.promoteCanaries(watch);
    assertThat(said()).containsExactly("PROMOTE NOT_DONE", "PROMOTE DONE");
  }

  /** It could not be withdrawn, or there were too many changes for that: live answers are well. */
  @Test
  void aCanaryThatItsProbesRefuseIsNotServedToAll() {
    bench.active();
    Served canary = bench.canary();
    DriftSignal refusal = refusedByProbes(canary);
    bench.refusals = () -> List.of(refusal);
    DriftWatch watch = bench.watch(bench.governor);
    observe(watch, canary, 200, 0);

    bench.governor.promoteCanaries(watch);
    assertThat(bench.told).isEmpty();
    assertThat(bench.revision(canary.revision()).state()).isEqualTo(RevisionState.CANARY);

    bench.refusals = List::of;
    bench.governor.promoteCanaries(watch);
    assertThat(said()).containsExactly("PROMOTE DONE");
  }

  /** The refusal was only advised, and the process that knew it is gone. */
  @Test
  void aCanaryThatItsProbesRefusedIsNotServedToAllAfterARestartEither() {
    bench = server("adviser", in(Mode.ADVISE));
    bench.active();
    Served canary = bench.canary();
    bench.governor.signal(refusedByProbes(canary));
    assertThat(said()).containsExactly("WITHDRAW ADVISED");
    bench = server("adviser", in(Mode.ACT));
    bench.awaited = canary::equals;
    DriftWatch watch = bench.watch(bench.governor);
    observe(watch, canary, 200, 0);

    bench.governor.promoteCanaries(watch);
    assertThat(bench.told).isEmpty();

    // They were put to it again, and it passes.
    bench.awaited = _ -> false;
    bench.governor.promoteCanaries(watch);
    assertThat(said()).containsExactly("PROMOTE DONE");
  }

  @Test
  void aPromotionIsAChangeLikeAnyOtherAndWaitsForTheEndOfTheSpan() {
    for (int i = 0; i < 4; i++) {
      bench.governor.signal(drift(bench.active(), MILD));
    }
    Served canary = bench.canary();
    DriftWatch watch = bench.watch(bench.governor);
    observe(watch, canary, 200, 0);

    bench.governor.promoteCanaries(watch);
    assertThat(said()).hasSize(4).containsOnly("DAMP DONE");
    assertThat(bench.revision(canary.revision()).state()).isEqualTo(RevisionState.CANARY);

    clock.turn(Duration.ofHours(1));
    bench.governor.promoteCanaries(watch);
    assertThat(said()).endsWith("PROMOTE DONE").hasSize(5);
  }

  /** Another server has promoted, or a person has ended it, and nobody here has looked since. */
  @Test
  void aCanaryThatIsNoneAnyMoreIsLeft() {
    bench.active();
    Served canary = bench.canary();
    DriftWatch watch = bench.watch(bench.governor);
    observe(watch, canary, 300, 0);
    server("there", GovernorSettings.defaults()).registry.rollback(BIRDS, "mine");

    bench.governor.promoteCanaries(watch);

    assertThat(bench.told).isEmpty();
    assertThat(bench.registry.newest(BIRDS).change().reason()).isEqualTo("mine");
  }

  private DriftSignal refusedByProbes(Served served) {
    return new DriftSignal(
        clock.instant(),
        served,
        GovernorPolicy.PROBES,
        DriftLevel.DRIFT,
        1,
        1,
        0,
        Cause.MODEL,
        300,
        "forgets");
  }

  private GovernorBench server(String name, GovernorSettings settings) {
    return new GovernorBench(store, clock, folder.resolve(name), settings);
  }

  private static GovernorSettings in(Mode mode) {
    return settings(mode, Retrain.RETRAIN);
  }

  private static GovernorSettings with(Retrain retrain) {
    return settings(Mode.ACT, retrain);
  }

  private static GovernorSettings settings(Mode mode, Retrain retrain) {
    GovernorSettings usual = GovernorSettings.defaults();
    return new GovernorSettings(
        mode,
        usual.dampTo(),
        usual.scaleMin(),
        usual.severe(),
        usual.actionsMax(),
        usual.within(),
        usual.canaryAnswers(),
        retrain);
  }

  private void requireQuarantined(Served served) {
    assertThat(bench.revision(served.revision()).state()).isEqualTo(RevisionState.QUARANTINED);
    assertThatThrownBy(
            () ->
                bench.registry.resolve(
                    "acme", new AdapterSelector.Exact("birds", served.revision()), "request"))
        .hasMessageContaining("is QUARANTINED: nobody is served by it");
  }

  private GovernorEvent onlyEvent() {
    assertThat(bench.told).hasSize(1);
    return bench.told.getFirst();
  }

  private List<String> said() {
    List<String> said = new ArrayList<>();
    bench.told.forEach(event -> said.add(event.action() + " " + event.outcome()));
    return said;
  }
}
