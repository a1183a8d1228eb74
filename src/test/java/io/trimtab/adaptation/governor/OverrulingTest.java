package io.trimtab.adaptation.governor;

import static io.trimtab.adaptation.governor.GovernorBench.BIRDS;
import static io.trimtab.adaptation.governor.GovernorBench.drift;
import static io.trimtab.adaptation.governor.GovernorBench.observe;
import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.FaultyStore.Step;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.Activation.Force;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A person serves again what the governor took away: it is told of, and stays served. */
class OverrulingTest {
  private static final double MILD = 0.1;
  private static final double SEVERE = 0.5;

  @TempDir private Path folder;
  private final TurnedClock clock = new TurnedClock();
  private FileObjectStore store;
  private GovernorBench bench;

  @BeforeEach
  void open() {
    store = FileObjectStore.open(folder.resolve("store"));
    bench = server("here");
  }

  @AfterEach
  void close() {
    store.close();
  }

  /** Every ten seconds the governor looks whether there is something to be done now. */
  @Test
  void theVersionsAreReadOnceForEachThatIsNew() {
    Served served = bench.active();
    DriftWatch watch = bench.watch(bench.governor);
    observe(watch, served, 500, 1);
    force(served);
    bench.governor.catchUp(watch);
    int read = bench.store.reads("adapters");

    bench.governor.catchUp(watch);

    // For each of 11 metrics whether there is a newer version, and nothing of those before.
    assertThat(bench.store.reads("adapters") - read).isLessThanOrEqualTo(22);
    requireServed(served);
  }

  /** The other sums go on from where they were, and cross their thresholds later. */
  @Test
  void laterSignalsOfOtherMetricsAreToldAndNothingMore() {
    Served served = quarantinedAndForced();

    bench.governor.signal(of(served, "disagreement+", SEVERE));
    bench.governor.signal(of(served, "kl+", MILD));

    requireServed(served);
    assertThat(said()).containsExactly("WARN DONE", "WARN DONE");
    assertThat(bench.told.getFirst().reason())
        .isEqualTo(
            "disagreement+: says numbers, and a person served it again with version %d, after it was taken away or damped: a person decides"
                .formatted(bench.now().version()));
    assertThat(bench.retrained).hasSize(1);
  }

  /** They crossed just behind the first one, and nothing was done about what was not served. */
  @Test
  void whatDriftedWhileItWasAwayIsToldOnce() {
    Served served = bench.active();
    DriftWatch watch = bench.watch(bench.governor);
    observe(watch, served, 500, 1);
    assertThat(said()).startsWith("QUARANTINE DONE", "RETRAIN DONE").endsWith("NONE DONE");
    force(served);
    bench.told.clear();

    bench.governor.catchUp(watch);
    requireServed(served);
    assertThat(said()).isNotEmpty().containsOnly("WARN DONE");
    int once = said().size();

    clock.turn(Duration.ofDays(1));
    bench.governor.catchUp(watch);
    assertThat(said()).hasSize(once);
  }

  /** What the probes said is not kept: they are put to it again, and refuse it again. */
  @Test
  void aRestartForgetsNothing() {
    Served served = bench.active();
    bench.governor.signal(of(served, GovernorPolicy.PROBES, 0));
    force(served);
    bench = server("here");

    bench.governor.signal(of(served, GovernorPolicy.PROBES, 0));

    requireServed(served);
    assertThat(said()).containsExactly("WARN DONE");
  }

  @Test
  void itHoldsForAnotherServerToo() {
    Served served = quarantinedAndForced();
    GovernorBench other = server("there");

    other.governor.signal(drift(served, SEVERE));

    assertThat(other.told).extracting(GovernorEvent::action).containsExactly(GovernorAction.WARN);
    requireServed(served);
  }

  @ParameterizedTest
  @ValueSource(floats = {1, 0.9f})
  void whatWasDampedIsServedAtTheScaleThatAPersonGives(float scale) {
    Served served = bench.active();
    bench.governor.signal(drift(served, MILD));
    assertThat(bench.served()).get().extracting(ResolvedRevision::scale).isEqualTo(0.7f);
    bench.registry.setScale(BIRDS, served.revision(), scale, "as I like it");
    bench.told.clear();

    Served restored = new Served(BIRDS, served.revision(), scale);
    bench.governor.signal(drift(restored, MILD));
    requireServed(restored);

    // A person who goes on turning has decided all the same.
    bench.registry.setScale(BIRDS, served.revision(), 0.8f, "rather so");
    Served turned = new Served(BIRDS, served.revision(), 0.8f);
    bench.governor.signal(drift(turned, SEVERE));
    requireServed(turned);
    assertThat(said()).containsExactly("WARN DONE", "WARN DONE");
  }

  @Test
  void whatWasRolledBackStaysWhenItIsActivatedAgain() {
    bench.active();
    Served later = bench.active();
    bench.registry.setScale(BIRDS, later.revision(), 0.5f, "");
    Served low = new Served(BIRDS, later.revision(), 0.5f);
    bench.governor.signal(drift(low, MILD));
    bench.registry.activate(BIRDS, Activation.of(later.revision()));
    bench.told.clear();

    bench.governor.signal(drift(low, MILD));

    requireServed(low);
    assertThat(said()).containsExactly("WARN DONE");
  }

  @Test
  void aCanaryThatIsServedAgainIsNotWithdrawnAgain() {
    bench.active();
    Served canary = bench.canary();
    bench.governor.signal(drift(canary, MILD));
    assertThat(bench.revision(canary.revision()).state()).isEqualTo(RevisionState.QUARANTINED);
    bench.registry.activate(
        BIRDS, new Activation(canary.revision(), 10, Force.FORCED, "looked at", 0));
    bench.told.clear();

    bench.governor.signal(drift(canary, SEVERE));

    assertThat(said()).containsExactly("WARN DONE");
    assertThat(bench.now().canaryRevision()).isEqualTo(canary.revision());
  }

  /** Whoever takes it away and serves it once more has left it to the governor. */
  @Test
  void itEndsWhenAPersonTakesTheRevisionAway() {
    Served served = quarantinedAndForced();
    bench.registry.activate(BIRDS, Activation.of(0));
    bench.registry.activate(BIRDS, Activation.of(served.revision()));

    bench.governor.signal(drift(served, SEVERE));

    assertThat(said()).containsExactly("QUARANTINE DONE", "RETRAIN DONE");
  }

  /** The governor went back to it: nobody has decided that it stays, whoever turned its scale. */
  @Test
  void whatTheGovernorItselfServesIsNotAPersons() {
    Served earlier = bench.active();
    Served later = bench.active();
    bench.governor.signal(drift(later, SEVERE));
    bench.told.clear();
    bench.governor.signal(drift(earlier, MILD));
    assertThat(said()).containsExactly("DAMP DONE");
  }

  @Test
  void aScaleBesideAChangeOfTheGovernorIsNoOverruling() {
    Served earlier = bench.active();
    Served later = bench.active();
    bench.governor.signal(drift(later, SEVERE));
    bench.registry.setScale(BIRDS, earlier.revision(), 0.9f, "a little less");
    bench.told.clear();

    bench.governor.signal(drift(new Served(BIRDS, earlier.revision(), 0.9f), SEVERE));

    assertThat(said()).containsExactly("QUARANTINE DONE", "RETRAIN DONE");
  }

  /** What it promoted took its place; nothing was ever held against it. */
  @Test
  void whatAPromotionDisplacedWasNotTakenAway() {
    Served earlier = bench.active();
    Served canary = bench.canary();
    DriftWatch watch = bench.watch(bench.governor);
    observe(watch, canary, 200, 0);
    bench.governor.promoteCanaries(watch);
    assertThat(said()).containsExactly("PROMOTE DONE");
    bench.registry.rollback(BIRDS, "I liked the other better");
    bench.told.clear();

    bench.governor.signal(drift(earlier, SEVERE));

    assertThat(said()).containsExactly("QUARANTINE DONE", "RETRAIN DONE");
  }

  /** The active one was, and with it ended a canary that was well. */
  @Test
  void aCanaryThatEndedWithTheActiveOneWasNotTakenAway() {
    Served active = bench.active();
    Served canary = bench.canary();
    bench.governor.signal(drift(active, SEVERE));
    assertThat(bench.now().canaryRevision()).isZero();
    bench.registry.activate(
        BIRDS, new Activation(canary.revision(), 10, Force.RESPECTING_STATE, "again", 0));
    bench.told.clear();

    bench.governor.signal(drift(canary, MILD));

    assertThat(said()).containsExactly("WITHDRAW DONE");
  }

  /** The watch knows the drift, and says nothing new of it. */
  @Test
  void whatIsLeftToTheGovernorAgainIsActedUponWithoutANewSignal() {
    Served served = bench.active();
    DriftWatch watch = bench.watch(bench.governor);
    observe(watch, served, 500, 1);
    force(served);
    bench.governor.catchUp(watch);
    requireServed(served);
    bench.registry.activate(BIRDS, Activation.of(0));
    bench.registry.activate(BIRDS, Activation.of(served.revision()));
    bench.told.clear();

    bench.governor.catchUp(watch);

    assertThat(bench.revision(served.revision()).state()).isEqualTo(RevisionState.QUARANTINED);
    assertThat(said()).contains("QUARANTINE DONE");
  }

  @Test
  void aVersionThatCannotBeReadIsTheEndOfWhatIsKnown() {
    Served served = quarantinedAndForced();
    // The first read finds that there is no newer version.
    bench.store.atNext(
        Step.READ,
        () ->
            bench.store.atNext(
                Step.READ,
                () -> {
                  throw new TrimtabException(ErrorCode.INTERNAL, "It is damaged");
                }));

    bench.governor.signal(drift(served, SEVERE));

    assertThat(said()).containsExactly("QUARANTINE DONE", "RETRAIN DONE");
  }

  @Test
  void aStoreThatCannotBeReadIsAnEvent() {
    Served served = quarantinedAndForced();
    // The first read finds that there is no newer version.
    bench.store.failAt(Step.READ, 2);

    bench.governor.signal(drift(served, SEVERE));

    assertThat(said()).containsExactly("NONE NOT_DONE");
    requireServed(served);
  }

  private Served quarantinedAndForced() {
    Served served = bench.active();
    bench.governor.signal(drift(served, SEVERE));
    assertThat(said()).containsExactly("QUARANTINE DONE", "RETRAIN DONE");
    force(served);
    bench.told.clear();
    return served;
  }

  private void force(Served served) {
    assertThat(bench.revision(served.revision()).state()).isEqualTo(RevisionState.QUARANTINED);
    bench.registry.activate(
        BIRDS, new Activation(served.revision(), 100, Force.FORCED, "looked at", 0));
  }

  private void requireServed(Served served) {
    assertThat(bench.registry.newest(BIRDS).activeRevision()).isEqualTo(served.revision());
    assertThat(bench.revision(served.revision()).scale()).isEqualTo(served.scale());
  }

  private DriftSignal of(Served served, String metric, double excess) {
    return new DriftSignal(
        clock.instant(),
        served,
        metric,
        DriftLevel.DRIFT,
        20,
        10,
        excess,
        Cause.MODEL,
        100,
        "says numbers");
  }

  private GovernorBench server(String name) {
    return new GovernorBench(store, clock, folder.resolve(name), GovernorSettings.defaults());
  }

  private List<String> said() {
    List<String> said = new ArrayList<>();
    bench.told.forEach(event -> said.add(event.action() + " " + event.outcome()));
    return said;
  }
}
