package io.trimtab.adaptation.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adapter.AdapterId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TuningTriggerTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final TriggerSettings SETTINGS = TriggerSettings.defaults();

  /**
   * One state and what is decided.
   *
   * @param until of a wait, seconds from now; of a tuning, since when
   */
  private record Row(
      String what, TriggerState state, Optional<TriggerReason> reason, Long... until) {
    @Override
    public String toString() {
      return what;
    }
  }

  static List<Row> rows() {
    long day = 24 * 3600;
    List<Row> rows = new ArrayList<>();
    rows.add(waits("nothing", state(0, 0, 0, 0)));
    rows.add(waits("a person, and nothing to train on", asked(state(0, 0, 0, 0), 5)));
    rows.add(waits("a signal, and nothing to train on", drift(state(0, 0, 0, 0), 5)));
    rows.add(waits("too few to wait for", state(7, 7, 9 * day, 9 * day)));
    rows.add(waits("all of them tuned on", state(500, 0, 0, 0)));
    rows.add(waits("a few new beside many old", state(500, 7, day, 0)));
    rows.add(waits("the minimum waits for its age", state(8, 8, 100, 100), day - 100));
    rows.add(tunes("the minimum, old enough", state(8, 8, day, 0), TriggerReason.AGE, 0L));
    rows.add(tunes("the minimum, older", state(8, 8, day + 9, 0), TriggerReason.AGE, -9L));
    rows.add(waits("one less than enough", state(31, 31, 100, 100), day - 100));
    rows.add(waits("enough and no quiet", state(32, 32, 100, 29), 1L));
    rows.add(waits("enough this instant", state(32, 32, 100, 0), 30L));
    rows.add(tunes("enough and quiet", state(32, 32, 100, 30), TriggerReason.EXAMPLES, 0L));
    rows.add(tunes("a burst of 400", state(400, 400, 90, 31), TriggerReason.EXAMPLES, -1L));
    rows.add(waits("a burst that goes on", state(399, 399, 90, 1), 29L));
    rows.add(
        tunes("a trickle that never stops", state(99, 99, day + 1, 0), TriggerReason.AGE, -1L));
    rows.add(
        tunes(
            "both, the earlier counts", state(99, 99, day + 1, 40), TriggerReason.EXAMPLES, -10L));
    rows.add(waits("from a clock ahead of ours", state(32, 32, -60, -60), 90L));
    rows.add(
        tunes(
            "from a clock of next year",
            state(32, 32, -365 * day, -365 * day),
            TriggerReason.EXAMPLES,
            0L));
    rows.add(
        tunes(
            "from one of 1970",
            state(8, 8, NOW.getEpochSecond(), NOW.getEpochSecond()),
            TriggerReason.AGE,
            day - NOW.getEpochSecond()));
    rows.add(
        tunes(
            "refused by a clock of next year",
            refused(state(32, 32, 100, 30), 1, -365 * day),
            TriggerReason.EXAMPLES,
            0L));
    rows.add(tunes("a signal", drift(state(8, 0, 0, 0), 5), TriggerReason.DRIFT, -5L));
    rows.add(waits("a signal and too few", drift(state(7, 0, 0, 0), 5)));
    rows.add(
        tunes("a signal before the age", drift(state(8, 8, 9, 9), 5), TriggerReason.DRIFT, -5L));
    rows.add(
        tunes("a person and one example", asked(state(1, 0, 0, 0), 5), TriggerReason.MANUAL, -5L));
    rows.add(
        tunes(
            "a person before all else",
            asked(drift(state(99, 99, day + 1, 40), 50), 1),
            TriggerReason.MANUAL,
            -1L));
    rows.add(waits("refused just now", refused(state(32, 32, 100, 60), 1, 0), 600L));
    rows.add(waits("refused, pause not over", refused(state(32, 32, 100, 60), 1, 599), 1L));
    rows.add(
        tunes("pause over", refused(state(32, 32, 100, 60), 1, 600), TriggerReason.EXAMPLES, 0L));
    rows.add(
        tunes(
            "since when the last condition held",
            refused(state(32, 32, 100, 60), 1, 620),
            TriggerReason.EXAMPLES,
            -20L));
    rows.add(waits("refused twice", refused(state(32, 32, 100, 60), 2, 600), 600L));
    rows.add(
        waits("refused ten times: a day", refused(state(32, 32, 100, 60), 10, 600), day - 600));
    rows.add(waits("a signal in the pause", drift(refused(state(32, 0, 0, 0), 1, 60), 5), 540L));
    rows.add(waits("age in the pause", refused(state(8, 8, day, 0), 1, 60), 540L));
    rows.add(
        tunes(
            "a person in the pause",
            asked(refused(state(32, 32, 100, 60), 3, 1), 0),
            TriggerReason.MANUAL,
            0L));
    rows.add(waits("too few in the pause", refused(state(7, 7, 9, 9), 1, 60)));
    return rows;
  }

  @ParameterizedTest
  @MethodSource("rows")
  void decides(Row row) {
    Decision decision = TuningTrigger.decide(row.state(), SETTINGS, NOW);
    switch (decision) {
      case Decision.Tune(TriggerReason reason, Instant since) -> {
        assertThat(row.reason()).hasValue(reason);
        assertThat(since).isEqualTo(NOW.plusSeconds(row.until()[0]));
      }
      case Decision.Wait(Optional<Instant> until, String reason) -> {
        assertThat(row.reason()).isEmpty();
        assertThat(until)
            .isEqualTo(
                row.until().length == 0
                    ? Optional.empty()
                    : Optional.of(NOW.plusSeconds(row.until()[0])));
        assertThat(reason).isNotBlank();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0,0", "1,10", "2,20", "3,40", "7,640", "8,1280", "9,1440", "10,1440", "100000,1440"})
  void pausesDoubleToADay(int refusals, long minutes) {
    assertThat(SETTINGS.coolDownAfter(refusals)).isEqualTo(Duration.ofMinutes(minutes));
  }

  @Test
  void noPauseStaysNone() {
    TriggerSettings eager =
        new TriggerSettings(
            1, Duration.ZERO, Duration.ofHours(1), 1, Duration.ZERO, Duration.ofDays(1));
    assertThat(eager.coolDownAfter(1_000_000)).isZero();
  }

  @Test
  void settingsThatContradictThemselvesAreRefused() {
    Duration day = Duration.ofDays(1);
    assertThatThrownBy(() -> new TriggerSettings(4, day, day, 8, day, day))
        .hasMessageStartingWith("trimtab.tuning.examples-min is ");
    assertThatThrownBy(() -> new TriggerSettings(8, day, day, 0, day, day))
        .hasMessageStartingWith("trimtab.tuning.examples-min is ");
    assertThatThrownBy(() -> new TriggerSettings(8, day, Duration.ZERO, 8, day, day))
        .hasMessageStartingWith("trimtab.tuning.age-seconds-max is ");
    assertThatThrownBy(() -> new TriggerSettings(8, day, day, 8, day, Duration.ofHours(1)))
        .hasMessageStartingWith("trimtab.tuning.cool-down-seconds-max is ");
    assertThatIllegalArgumentException().isThrownBy(() -> state(1, 2, 0, 0));
  }

  @Test
  void amongAdaptersTheOneDueLongestIsFirst() {
    AdapterId birds = new AdapterId("acme", "birds");
    AdapterId planes = new AdapterId("acme", "planes");
    AdapterId boats = new AdapterId("globex", "boats");
    Decision.Tune early = new Decision.Tune(TriggerReason.AGE, NOW.minusSeconds(9));
    Decision.Tune late = new Decision.Tune(TriggerReason.MANUAL, NOW);
    Decision.Wait wait = new Decision.Wait(Optional.of(NOW), "quiet");
    assertThat(TuningTrigger.inOrder(Map.of(birds, late, planes, early, boats, wait)))
        .containsExactly(new DueAdapter(planes, early), new DueAdapter(birds, late));
    assertThat(TuningTrigger.inOrder(Map.of(planes, early, boats, early, birds, early)))
        .extracting(DueAdapter::adapter)
        .containsExactly(birds, planes, boats);
    assertThat(TuningTrigger.inOrder(Map.of(boats, wait))).isEmpty();
    assertThat(TuningTrigger.inOrder(Map.of())).isEmpty();
  }

  /** A wait says the truth: nothing before its time, something at it. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void nothingHappensBeforeTheEndOfAWaitAndSomethingThen(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 4000; i++) {
      TriggerState state = anyState(random);
      String what = "seed %d, %d: %s".formatted(seed, i, state);
      if (TuningTrigger.decide(state, SETTINGS, NOW) instanceof Decision.Wait wait) {
        Instant end = wait.until().orElse(NOW.plus(Duration.ofDays(1000)));
        Duration left = Duration.between(NOW, end);
        for (int k = 0; k < 5; k++) {
          Instant before = NOW.plusNanos((long) (random.nextDouble() * (left.toNanos() - 1)));
          assertThat(TuningTrigger.decide(state, SETTINGS, before)).as(what).isEqualTo(wait);
        }
        if (wait.until().isPresent()) {
          assertThat(TuningTrigger.decide(state, SETTINGS, end))
              .as(what)
              .isInstanceOfSatisfying(
                  Decision.Tune.class, tune -> assertThat(tune.since()).isEqualTo(end));
        }
      }
    }
  }

  /**
   * Days of an adapter to which chance sends feedback, refusals, signals and people: no automatic
   * tuning in a pause, none on too few, none in the middle of a burst unless of age, and no new
   * example waits much longer than it may.
   */
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16})
  void overDaysOfChanceEveryRuleHolds(long seed) {
    Random random = new Random(seed);
    List<Instant> fresh = new ArrayList<>();
    int tuned = 0;
    int refusals = 0;
    Optional<Instant> refused = Optional.empty();
    Optional<Instant> drift = Optional.empty();
    Optional<Instant> asked = Optional.empty();
    Instant now = NOW;
    int tunings = 0;
    int burst = 0;
    for (int step = 0; step < 20_000; step++) {
      String what = "seed %d, step %d".formatted(seed, step);
      now = now.plusSeconds(burst > 0 ? 1 : random.nextInt(240));
      burst = burst > 0 ? burst - 1 : random.nextInt(400) == 0 ? random.nextInt(400) : 0;
      if (burst > 0 || random.nextInt(20) == 0) {
        fresh.add(now);
      }
      drift = random.nextInt(3000) == 0 ? Optional.of(now) : drift;
      asked = random.nextInt(3000) == 0 ? Optional.of(now) : asked;
      TriggerState state =
          new TriggerState(
              tuned + fresh.size(),
              fresh.size(),
              fresh.stream().findFirst(),
              fresh.isEmpty() ? Optional.empty() : Optional.of(fresh.getLast()),
              drift,
              asked,
              refusals,
              refused);
      if (TuningTrigger.decide(state, SETTINGS, now) instanceof Decision.Tune tune) {
        tunings++;
        assertThat(tune.since()).as(what).isBeforeOrEqualTo(now);
        if (tune.reason() != TriggerReason.MANUAL) {
          assertThat(state.usable()).as(what).isGreaterThanOrEqualTo(SETTINGS.examplesMin());
          if (refused.isPresent()) {
            assertThat(Duration.between(refused.get(), now))
                .as(what)
                .isGreaterThanOrEqualTo(SETTINGS.coolDownAfter(refusals));
          }
        }
        if (tune.reason() == TriggerReason.EXAMPLES) {
          assertThat(fresh).as(what).hasSizeGreaterThanOrEqualTo(SETTINGS.examples());
          assertThat(Duration.between(fresh.getLast(), now))
              .as(what)
              .isGreaterThanOrEqualTo(SETTINGS.quiet());
        }
        boolean passed = random.nextInt(3) > 0;
        refusals = passed ? 0 : refusals + 1;
        refused = passed ? Optional.empty() : Optional.of(now);
        tuned += fresh.size();
        fresh.clear();
        drift = Optional.empty();
        asked = Optional.empty();
      } else if (refused.isEmpty() && fresh.size() >= SETTINGS.examplesMin()) {
        assertThat(Duration.between(fresh.getFirst(), now)).as(what).isLessThan(SETTINGS.ageMax());
      }
    }
    assertThat(tunings).isGreaterThan(20);
  }

  private static TriggerState anyState(Random random) {
    int fresh = random.nextInt(3) == 0 ? random.nextInt(8) : random.nextInt(50);
    TriggerState state =
        state(
            fresh + random.nextInt(20),
            fresh,
            random.nextInt(2 * 24 * 3600),
            random.nextInt(60) - 5L);
    state = random.nextInt(4) == 0 ? drift(state, random.nextInt(100) - 10L) : state;
    state = random.nextInt(9) == 0 ? asked(state, random.nextInt(100)) : state;
    return random.nextBoolean()
        ? refused(state, 1 + random.nextInt(12), random.nextInt(24 * 3600))
        : state;
  }

  /** So many seconds ago. */
  private static TriggerState state(int usable, int fresh, long oldest, long newest) {
    return new TriggerState(
        usable,
        fresh,
        fresh == 0 ? Optional.empty() : Optional.of(NOW.minusSeconds(oldest)),
        fresh == 0 ? Optional.empty() : Optional.of(NOW.minusSeconds(newest)),
        Optional.empty(),
        Optional.empty(),
        0,
        Optional.empty());
  }

  private static TriggerState drift(TriggerState state, long seconds) {
    return state.withDrift(Optional.of(NOW.minusSeconds(seconds)));
  }

  private static TriggerState asked(TriggerState state, long seconds) {
    return state.withAsked(Optional.of(NOW.minusSeconds(seconds)));
  }

  private static TriggerState refused(TriggerState state, int times, long seconds) {
    return state.withRefusals(times, Optional.of(NOW.minusSeconds(seconds)));
  }

  private static Row waits(String what, TriggerState state, Long... until) {
    return new Row(what, state, Optional.empty(), until);
  }

  private static Row tunes(String what, TriggerState state, TriggerReason reason, Long since) {
    return new Row(what, state, Optional.of(reason), since);
  }
}
