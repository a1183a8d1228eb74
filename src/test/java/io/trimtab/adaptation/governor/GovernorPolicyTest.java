package io.trimtab.adaptation.governor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.adaptation.governor.GovernorSettings.Mode;
import io.trimtab.adaptation.governor.GovernorSettings.Retrain;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.AdapterSnapshot.Change;
import io.trimtab.adapter.AdapterSnapshot.Existence;
import io.trimtab.adapter.AdapterSnapshot.Kind;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionFiles;
import io.trimtab.adapter.RevisionState;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.DriftSignal.Cause;
import io.trimtab.drift.Reference.Origin;
import io.trimtab.drift.Served;
import io.trimtab.drift.WatchReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What follows from a signal, rule by rule. */
class GovernorPolicyTest {
  private static final AdapterId BIRDS = new AdapterId("acme", "birds");
  private static final Instant TIME = Instant.parse("2026-03-01T12:00:00Z");

  /** Damps to half, down to 0.25; quarantines from 0.3; twice an hour. */
  private static final GovernorSettings SETTINGS = settings(100);

  @ParameterizedTest
  @CsvSource({
    // state, level, metric, excess, scale, action
    "ACTIVE,      STABLE,  numbers_bias+, 0.9,   1,    NONE",
    "ACTIVE,      WARNING, numbers_bias+, 0.9,   1,    WARN",
    "ACTIVE,      WARNING, probes,        0,     1,    WARN",
    "CANARY,      WARNING, numbers_bias+, 0.9,   1,    WARN",
    "ACTIVE,      DRIFT,   numbers_bias+, 0.299, 1,    DAMP",
    "ACTIVE,      DRIFT,   numbers_bias+, -0.1,  1,    DAMP",
    "ACTIVE,      DRIFT,   numbers_bias+, 0.3,   1,    QUARANTINE",
    "ACTIVE,      DRIFT,   probes,        0,     1,    QUARANTINE",
    "ACTIVE,      DRIFT,   probes,        0,     0.25, QUARANTINE",
    "ACTIVE,      DRIFT,   numbers_bias+, 0.1,   0.5,  DAMP",
    "ACTIVE,      DRIFT,   numbers_bias+, 0.1,   0.49, ROLLBACK",
    "ACTIVE,      DRIFT,   numbers_bias+, 0.3,   0.49, QUARANTINE",
    "CANARY,      DRIFT,   numbers_bias+, 0.1,   1,    WITHDRAW",
    "CANARY,      DRIFT,   numbers_bias+, 0.9,   1,    WITHDRAW",
    "CANARY,      DRIFT,   probes,        0,     0.3,  WITHDRAW",
    "RETIRED,     DRIFT,   numbers_bias+, 0.9,   1,    NONE",
    "STAGED,      DRIFT,   numbers_bias+, 0.9,   1,    NONE",
    "QUARANTINED, DRIFT,   numbers_bias+, 0.9,   1,    NONE",
    "REJECTED,    WARNING, numbers_bias+, 0.9,   1,    NONE",
  })
  void ofASignalFollows(
      RevisionState state,
      DriftLevel level,
      String metric,
      double excess,
      float scale,
      GovernorAction action) {
    DriftSignal signal = signal(new Served(BIRDS, 1, scale), level, metric, excess, Cause.MODEL);

    Decision decision = decide(signal, adapter(state, scale), List.of());

    assertThat(decision.action()).isEqualTo(action);
    assertThat(decision.scale()).isEqualTo(action == GovernorAction.DAMP ? scale / 2 : scale);
    assertThat(decision.reason()).isNotBlank();
  }

  @ParameterizedTest
  @EnumSource(names = {"ACTIVE", "CANARY"})
  void whatAPersonServesAgainIsLeftToThatPerson(RevisionState state) {
    DriftSignal severe =
        signal(new Served(BIRDS, 1, 1), DriftLevel.DRIFT, GovernorPolicy.PROBES, 9, Cause.MODEL);

    Decision decision =
        GovernorPolicy.decide(
            severe, adapter(state, 1), OptionalLong.of(12), List.of(), SETTINGS, TIME);

    assertThat(decision.action()).isEqualTo(GovernorAction.WARN);
    assertThat(decision.reason()).contains("in words", "version 12", "a person decides");
  }

  @Test
  void whatIsServedAtAnotherScaleOrGoneIsNotMeant() {
    AdapterSnapshot now = adapter(RevisionState.ACTIVE, 0.7f);

    assertThat(decide(drift(new Served(BIRDS, 1, 1)), now, List.of()).action())
        .isEqualTo(GovernorAction.NONE);
    assertThat(decide(drift(new Served(BIRDS, 2, 0.7f)), now, List.of()).action())
        .isEqualTo(GovernorAction.NONE);
    assertThat(decide(drift(new Served(BIRDS, 0, 1)), now, List.of()).action())
        .isEqualTo(GovernorAction.NONE);
  }

  /** Damping by the usual settings comes to an end. */
  @Test
  void dampingEndsInARollback() {
    float scale = 1;
    int damped = 0;
    while (true) {
      Decision decision =
          GovernorPolicy.decide(
              drift(new Served(BIRDS, 1, scale)),
              adapter(RevisionState.ACTIVE, scale),
              OptionalLong.empty(),
              List.of(),
              GovernorSettings.defaults(),
              TIME);
      if (decision.action() != GovernorAction.DAMP) {
        assertThat(decision.action()).isEqualTo(GovernorAction.ROLLBACK);
        assertThat(decision.reason())
            .contains("at a scale of 0.48999998 it is not damped any more");
        break;
      }
      scale = decision.scale();
      damped++;
    }
    assertThat(damped).isEqualTo(2);
    assertThat(scale).isCloseTo(0.49f, within(1e-6f));
  }

  @ParameterizedTest
  @EnumSource(RevisionState.class)
  void afterSoManyChangesAPersonDecides(RevisionState state) {
    boolean isServed = state == RevisionState.ACTIVE || state == RevisionState.CANARY;
    List<Instant> changes = List.of(TIME.minusSeconds(3599), TIME.minusSeconds(1));

    Decision decision = decide(drift(new Served(BIRDS, 1, 1)), adapter(state, 1), changes);

    assertThat(decision.action()).isEqualTo(isServed ? GovernorAction.WARN : GovernorAction.NONE);
    if (isServed) {
      assertThat(decision.reason())
          .isEqualTo(
              "numbers_bias+ has left its envelope, and 2 changes were made within PT1H already:"
                  + " left to a person until that is over");
    }
  }

  @ParameterizedTest
  @CsvSource({
    // seconds before now of two changes, and whether there is room for a third
    "0,       0,       false",
    "3599,    0,       false",
    "3600,    0,       true",
    "7200,    7200,    true",
    // The clock was set back: what it did since lies ahead.
    "-1,      -3599,   false",
    // By far: such changes hold up nothing, least of all for a year.
    "-3600,   0,       true",
    "-31536000, -31536000, true",
    // It was set ahead: what it did before is long over.
    "31536000, 31536000, true",
  })
  void changesCountWithinTheSpanWhereverTheClockJumps(long first, long second, boolean room) {
    Decision decision =
        decide(
            drift(new Served(BIRDS, 1, 1)),
            adapter(RevisionState.ACTIVE, 1),
            List.of(TIME.minusSeconds(first), TIME.minusSeconds(second)));

    assertThat(decision.action()).isEqualTo(room ? GovernorAction.DAMP : GovernorAction.WARN);
  }

  @Test
  void aWarningSaysWhatItIsPutDownTo() {
    assertThat(warning(Cause.MODEL)).isEqualTo("numbers_bias+: in words");
    assertThat(warning(Cause.INPUTS)).startsWith("the inputs have changed");
    assertThat(warning(Cause.UNKNOWN)).startsWith("no gate has seen this revision");
  }

  @ParameterizedTest
  @CsvSource({
    "CANARY,  100, STABLE,  100, true",
    "CANARY,  99,  STABLE,  100, false",
    "CANARY,  100, WARNING, 100, false",
    "CANARY,  100, DRIFT,   100, false",
    "ACTIVE,  100, STABLE,  100, false",
    "STAGED,  100, STABLE,  100, false",
    // A person promotes.
    "CANARY,  100, STABLE,  0,   false",
  })
  void aCanaryIsPromotedWhen(
      RevisionState state, long gathered, DriftLevel level, int enough, boolean promoted) {
    // Answers that were read while the inputs had changed say nothing for it.
    WatchReport report =
        new WatchReport(
            new Served(BIRDS, 1, 1), level, Origin.ENVELOPE, 500, gathered, 1500, 0, List.of());

    assertThat(promote(adapter(state, 1), report, enough, List.of()))
        .map(Decision::action)
        .isEqualTo(promoted ? Optional.of(GovernorAction.PROMOTE) : Optional.empty());
    assertThat(promote(adapter(state, 0.5f), report, enough, List.of())).isEmpty();
    List<Instant> changes = List.of(TIME.minusSeconds(3599), TIME.minusSeconds(1));
    assertThat(promote(adapter(state, 1), report, enough, changes)).isEmpty();
  }

  private static Optional<Decision> promote(
      AdapterSnapshot now, WatchReport report, int enough, List<Instant> changes) {
    return GovernorPolicy.promote(now, report, changes, settings(enough), TIME);
  }

  @ParameterizedTest
  @CsvSource({
    "0,   0.4, 0.2, 1, 1, 0,  damp-to",
    "1,   0.4, 0.2, 1, 1, 0,  damp-to",
    "NaN, 0.4, 0.2, 1, 1, 0,  damp-to",
    "0.5, 1.1, 0.2, 1, 1, 0,  scale-min",
    "0.5, NaN, 0.2, 1, 1, 0,  scale-min",
    "0.5, 0.4, -1,  1, 1, 0,  severe",
    "0.5, 0.4, 0.2, 0, 1, 0,  actions-max",
    "0.5, 0.4, 0.2, 65, 1, 0,  actions-max",
    "0.5, 0.4, 0.2, 1, 0, 0,  within-seconds",
    "0.5, 0.4, 0.2, 1, 1, -1, canary-answers",
  })
  void settingsOutOfRangeAreRefused(
      double dampTo,
      double scaleMin,
      double severe,
      int actionsMax,
      long seconds,
      int canaryAnswers,
      String field) {
    assertThatThrownBy(
            () ->
                new GovernorSettings(
                    Mode.ACT,
                    dampTo,
                    scaleMin,
                    severe,
                    actionsMax,
                    Duration.ofSeconds(seconds),
                    canaryAnswers,
                    Retrain.LEAVE))
        .hasMessageContaining("trimtab.governor." + field + " is ");
  }

  private static String warning(Cause cause) {
    return decide(
            signal(new Served(BIRDS, 1, 1), DriftLevel.WARNING, "numbers_bias+", 0.1, cause),
            adapter(RevisionState.ACTIVE, 1),
            Collections.nCopies(9, TIME))
        .reason();
  }

  private static Decision decide(DriftSignal signal, AdapterSnapshot now, List<Instant> changes) {
    return GovernorPolicy.decide(signal, now, OptionalLong.empty(), changes, SETTINGS, TIME);
  }

  private static GovernorSettings settings(int canaryAnswers) {
    return new GovernorSettings(
        Mode.ACT, 0.5, 0.25, 0.3, 2, Duration.ofHours(1), canaryAnswers, Retrain.RETRAIN);
  }

  private static DriftSignal drift(Served served) {
    return signal(served, DriftLevel.DRIFT, "numbers_bias+", 0.1, Cause.MODEL);
  }

  private static DriftSignal signal(
      Served served, DriftLevel level, String metric, double excess, Cause cause) {
    return new DriftSignal(TIME, served, metric, level, 20, 10, excess, cause, 100, "in words");
  }

  /** With one revision. */
  private static AdapterSnapshot adapter(RevisionState state, float scale) {
    Revision revision =
        new Revision(
            1,
            "d".repeat(64),
            state,
            "upload",
            4,
            List.of("q_proj"),
            1,
            new RevisionFiles("c".repeat(64), "e".repeat(64), 1),
            TIME,
            "",
            "",
            "0".repeat(64),
            scale,
            null);
    boolean canary = state == RevisionState.CANARY;
    return new AdapterSnapshot(
        BIRDS,
        3,
        state == RevisionState.ACTIVE ? 1 : 0,
        canary ? 1 : 0,
        canary ? 50 : 0,
        RevisionState.STAGED,
        List.of(revision),
        List.of(),
        1,
        Existence.PRESENT,
        new Change(Kind.ACTIVATED, 1, "", TIME));
  }
}
