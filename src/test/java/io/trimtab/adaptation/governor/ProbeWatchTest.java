package io.trimtab.adaptation.governor;

import static io.trimtab.adaptation.governor.GovernorBench.BIRDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.FaultyStore.Step;
import io.trimtab.adaptation.gate.EvaluationSettings;
import io.trimtab.adaptation.gate.Evaluator;
import io.trimtab.adaptation.gate.GateLimits;
import io.trimtab.adaptation.gate.SpokenModel;
import io.trimtab.adaptation.governor.GovernorEvent.Outcome;
import io.trimtab.adaptation.probes.Probe;
import io.trimtab.adaptation.probes.ProbeSet;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.adapter.RevisionState;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.DriftSignal.Cause;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Served;
import io.trimtab.engine.api.EngineHealth;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.Priority;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Role;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.FakeEngine;
import io.trimtab.testing.Shared;
import io.trimtab.testing.TurnedClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which revisions are probed and when, and what follows, with models that answer by a rule: probe
 * {@code old n} is answered {@code kind} and its last digit.
 */
class ProbeWatchTest {
  private static final int PROBES = 120;
  private static final Duration HOUR = Duration.ofHours(1);
  private static final GateReport PASSED = new GateReport(Verdict.PASSED, List.of());

  @TempDir private Path folder;
  private final TurnedClock clock = new TurnedClock();
  private final List<DriftSignal> signals = new ArrayList<>();
  private final List<SpokenModel> candidates = new ArrayList<>();
  private final List<Float> scales = new ArrayList<>();
  private UnaryOperator<String> tuned = ProbeWatchTest::right;
  private FileObjectStore store;
  private GovernorBench bench;
  private ProbeWatch watch;

  @BeforeEach
  void open() {
    store = FileObjectStore.open(folder.resolve("store"));
    bench = new GovernorBench(store, clock, folder.resolve("here"), GovernorSettings.defaults());
    bench.engine.script(failingScript(_ -> false));
    bench.engine.scores(SpokenModel::scored);
    bench.engine.candidates(
        (_, scale) -> {
          scales.add(scale);
          SpokenModel candidate = SpokenModel.saying(words -> tuned.apply(words));
          candidates.add(candidate);
          return candidate;
        });
    watch = probing(HOUR);
  }

  @AfterEach
  void close() {
    watch.close();
    store.close();
  }

  @Test
  void whatNoGateHasSeenIsProbedWhenItIsServed() throws Exception {
    watch.follow(signals::add);
    int number = bench.staged();
    turn();
    assertThat(candidates).isEmpty();

    bench.registry.activate(BIRDS, Activation.of(number));
    turn();

    ProbeRun run = watch.last(new Served(BIRDS, number, 1)).orElseThrow();
    assertThat(run.report().verdict()).isEqualTo(Verdict.PASSED);
    assertThat(run.report().checks()).isNotEmpty();
    assertThat(run.tasks()).containsExactly(new ProbeRun.Task("color", PROBES, 1, 1));
    assertThat(run.time()).isEqualTo(clock.instant());
    assertThat(signals).isEmpty();
    assertThat(candidates).hasSize(1);
    assertThat(candidates.getFirst().closes()).hasValue(1);
    assertThat(candidates.getFirst().model().requests())
        .hasSize(PROBES)
        .allMatch(request -> request.priority() == Priority.BACKGROUND)
        .allMatch(request -> request.tenant().equals("acme"));
    turn();
    assertThat(candidates).hasSize(1);
  }

  @Test
  void whatIsServedAlreadyIsProbedToo() throws Exception {
    Served served = bench.active();

    watch.follow(signals::add);
    turn();

    assertThat(watch.last(served)).isPresent();
  }

  @Test
  void aCanaryAndEachNewScaleAreProbed() throws Exception {
    watch.follow(signals::add);
    Served canary = bench.canary();
    turn();
    bench.registry.setScale(BIRDS, canary.revision(), 0.5f, "");
    turn();

    assertThat(scales).containsExactly(1f, 0.5f);
    assertThat(watch.last(new Served(BIRDS, canary.revision(), 0.5f))).isPresent();
  }

  @Test
  void whatTheGateHasSeenWaitsForItsTime() throws Exception {
    watch.follow(signals::add);
    int number = bench.staged(PASSED);
    bench.registry.activate(BIRDS, Activation.of(number));
    turn();
    clock.turn(HOUR.minusSeconds(1));
    turn();
    assertThat(candidates).isEmpty();

    clock.turn(Duration.ofSeconds(1));
    turn();
    turn();
    assertThat(candidates).hasSize(1);
    clock.turn(HOUR);
    turn();
    assertThat(candidates).hasSize(2);
  }

  @Test
  void aClockThatIsSetBackHoldsNothingUp() throws Exception {
    watch.follow(signals::add);
    bench.active();
    turn();
    clock.turn(Duration.ofDays(-365));
    turn();
    turn();

    assertThat(candidates).hasSize(2);
  }

  @Test
  void withoutATimeOnlyDoubtProbes() throws Exception {
    watch = probing(Duration.ZERO);
    watch.follow(signals::add);
    int number = bench.staged(PASSED);
    bench.registry.activate(BIRDS, Activation.of(number));
    clock.turn(Duration.ofDays(365));
    turn();
    assertThat(candidates).isEmpty();

    watch.order(new Served(BIRDS, number, 1));
    turn();
    assertThat(candidates).hasSize(1);
  }

  @Test
  void whatDoesNotKeepIsSignalledOnceAndAgainWhenItDoes() throws Exception {
    tuned = _ -> "something else";
    watch.follow(signals::add);
    Served served = bench.active();
    turn();

    assertThat(watch.last(served))
        .get()
        .extracting(run -> run.report().verdict())
        .isEqualTo(Verdict.REFUSED);
    assertThat(watch.last(served))
        .get()
        .extracting(ProbeRun::tasks)
        .isEqualTo(List.of(new ProbeRun.Task("color", PROBES, 1, 0)));
    assertThat(signals).hasSize(1);
    DriftSignal drift = signals.getFirst();
    assertThat(drift.served()).isEqualTo(served);
    assertThat(drift.metric()).isEqualTo(GovernorPolicy.PROBES);
    assertThat(drift.level()).isEqualTo(DriftLevel.DRIFT);
    assertThat(drift.cause()).isEqualTo(Cause.MODEL);
    assertThat(drift.answers()).isEqualTo(PROBES);
    assertThat(drift.detail()).contains("120 of 120 right before, 0 after");

    clock.turn(HOUR);
    turn();
    assertThat(candidates).hasSize(2);
    assertThat(signals).hasSize(1);

    tuned = ProbeWatchTest::right;
    clock.turn(HOUR);
    turn();
    assertThat(signals)
        .extracting(DriftSignal::level)
        .containsExactly(DriftLevel.DRIFT, DriftLevel.STABLE);
    assertThat(signals.getLast().detail()).isEqualTo("the probes pass again");
  }

  /** Everything at once is wrong with it, and the reason is as long. */
  @Test
  void whatFailsItsProbesIsQuarantined() throws Exception {
    List<String> answers = List.of("three", "yes", "I cannot answer that", "");
    tuned = words -> answers.get(number(words) % answers.size());
    watch.follow(bench.governor);
    Served served = bench.active();
    turn();

    assertThat(bench.revision(served.revision()).state()).isEqualTo(RevisionState.QUARANTINED);
    assertThat(bench.told.getFirst().reason()).hasSizeGreaterThan(1000);
    assertThat(bench.served()).isEmpty();
  }

  /** Later runs say nothing new, so that they signal nothing. */
  @Test
  void whatFailsItsProbesAndCouldNotBeTakenAwayIsTriedAgainAfterAPause() throws Exception {
    tuned = _ -> "something else";
    bench.refusals = watch::refusals;
    DriftWatch live = bench.watch(bench.governor);
    watch.follow(bench.governor);
    Served served = bench.active();
    bench.store.failAt(Step.PUT, 1);
    turn();
    requireOutcomes(Outcome.NOT_DONE);

    bench.governor.catchUp(live);
    requireOutcomes(Outcome.NOT_DONE);

    clock.turn(Duration.ofMinutes(1));
    bench.governor.catchUp(live);
    assertThat(bench.revision(served.revision()).state()).isEqualTo(RevisionState.QUARANTINED);
    requireOutcomes(Outcome.NOT_DONE, Outcome.DONE);

    clock.turn(Duration.ofMinutes(1));
    bench.governor.catchUp(live);
    requireOutcomes(Outcome.NOT_DONE, Outcome.DONE);
  }

  private void requireOutcomes(Outcome... outcomes) {
    assertThat(bench.told)
        .filteredOn(event -> event.action() == GovernorAction.QUARANTINE)
        .extracting(GovernorEvent::outcome)
        .containsExactly(outcomes);
  }

  @Test
  void whatIsNotServedAnyMoreIsNotProbed() throws Exception {
    Served retired = bench.active();
    Served other = bench.active();
    watch.order(retired);
    watch.order(new Served(BIRDS, other.revision(), 0.3f));
    watch.order(new Served(BIRDS, 9, 1));
    watch.order(new Served(new AdapterId("globex", "fish"), 1, 1));
    for (int i = 0; i < 4; i++) {
      turn();
    }

    assertThat(watch.waiting()).isZero();
    assertThat(candidates).isEmpty();
    assertThat(watch.failure(retired)).isEmpty();
  }

  @Test
  void withoutProbesNothingStarts() throws Exception {
    watch =
        new ProbeWatch(
            bench.registry,
            bench.engine,
            reader(),
            evaluator(),
            ProbeSet.none(),
            GateLimits.defaults(),
            HOUR,
            clock);
    watch.start(signals::add);
    Served served = bench.active();
    watch.order(served);

    assertThat(watch.waiting()).isZero();
    watch.close();
    assertThat(candidates).isEmpty();
  }

  @Test
  void anEngineThatFailsIsNoEvidenceAndIsAskedAgainAfterAPause() throws Exception {
    TrimtabException busy = new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "No room");
    bench.engine.candidates(
        (_, _) -> {
          scales.add(0f);
          throw busy;
        });
    watch.follow(signals::add);
    Served served = bench.active();
    Instant first = clock.instant();
    turn();

    assertThat(watch.last(served)).isEmpty();
    assertThat(watch.failure(served))
        .contains(new ProbeFailure(first, "No room", Duration.ofMinutes(1)));
    turn();
    assertThat(scales).hasSize(1);

    clock.turn(Duration.ofMinutes(1));
    turn();
    assertThat(scales).hasSize(2);
    clock.turn(Duration.ofMinutes(1));
    turn();
    assertThat(scales).hasSize(2);
    assertThat(watch.failure(served)).map(ProbeFailure::pause).contains(Duration.ofMinutes(2));

    for (int i = 0; i < 9; i++) {
      clock.turn(HOUR);
      turn();
    }
    assertThat(watch.failure(served)).map(ProbeFailure::pause).contains(HOUR);
    assertThat(signals).isEmpty();

    bench.engine.candidates((_, _) -> SpokenModel.saying(ProbeWatchTest::right));
    clock.turn(HOUR);
    turn();
    assertThat(watch.failure(served)).isEmpty();
    assertThat(watch.last(served)).isPresent();
  }

  /** What it was found to be before holds until there is news. */
  @Test
  void aFailureLeavesTheVerdictBefore() throws Exception {
    tuned = _ -> "something else";
    watch.follow(signals::add);
    Served served = bench.active();
    turn();
    bench.engine.health(new EngineHealth.Failed("out of memory"));
    clock.turn(HOUR);
    turn();

    assertThat(watch.last(served))
        .get()
        .extracting(run -> run.report().verdict())
        .isEqualTo(Verdict.REFUSED);
    assertThat(watch.failure(served)).isPresent();
    assertThat(signals).hasSize(1);
  }

  /** Base's answers are kept from before, so only the candidate meets the dead engine. */
  @Test
  void whatADeadEngineSaysIsNotHeldAgainstTheRevision() throws Exception {
    watch.follow(signals::add);
    Served first = bench.active();
    turn();
    assertThat(watch.last(first)).isPresent();
    bench.engine.candidates((_, _) -> failing(_ -> true));
    bench.engine.health(new EngineHealth.Failed("the step loop died"));
    Served second = bench.active();
    turn();

    assertThat(watch.last(second)).isEmpty();
    assertThat(watch.failure(second))
        .map(ProbeFailure::reason)
        .get()
        .asString()
        .contains("the step loop died");
    assertThat(signals).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"5, PASSED", "7, REFUSED", "120, REFUSED"})
  void aRevisionThatFailsOnMoreThanItMayLoseIsSignalled(int failures, Verdict verdict)
      throws Exception {
    bench.engine.candidates((_, _) -> failing(words -> number(words) < failures));
    watch.follow(signals::add);
    Served served = bench.active();
    turn();

    assertThat(watch.last(served))
        .get()
        .extracting(run -> run.report().verdict())
        .isEqualTo(verdict);
    assertThat(signals).hasSize(verdict == Verdict.REFUSED ? 1 : 0);
    if (verdict == Verdict.REFUSED) {
      assertThat(signals.getFirst().detail())
          .contains("on %d of 120 probes that base answers (5 %% are allowed)".formatted(failures));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, true", "20, true", "21, false", "120, false"})
  void whatBaseCannotAnswerIsLeftOutAndTooLittleIsNoEvidence(int failures, boolean judged)
      throws Exception {
    bench.engine.script(failingScript(words -> number(words) < failures));
    watch.follow(signals::add);
    Served served = bench.active();
    turn();

    assertThat(watch.last(served).isPresent()).isEqualTo(judged);
    assertThat(signals).isEmpty();
    if (!judged) {
      assertThat(watch.failure(served))
          .map(ProbeFailure::reason)
          .contains(
              "Base answered %1$d of 120 probes, %1$d as they say, expected 100 and more to judge by"
                  .formatted(PROBES - failures));
    }
  }

  /** One revision's trouble is not the next one's. */
  @Test
  void anUnknownFailureEndsNothing() throws Exception {
    bench.engine.candidates(
        (_, _) -> {
          throw new IllegalStateException("no idea");
        });
    watch.follow(signals::add);
    Served served = bench.active();
    turn();

    assertThat(watch.failure(served))
        .map(ProbeFailure::reason)
        .get()
        .asString()
        .contains("no idea");
  }

  /** Candidates are laid out on the watch's thread, which nothing would start again. */
  @Test
  void memoryThatHasRunOutEndsNothing() throws Exception {
    bench.engine.candidates(
        (_, _) -> {
          throw new OutOfMemoryError("Cannot reserve direct memory");
        });
    watch.follow(signals::add);
    Served served = bench.active();
    turn();

    assertThat(watch.last(served)).isEmpty();
    assertThat(watch.failure(served))
        .map(ProbeFailure::reason)
        .get()
        .asString()
        .contains("Cannot reserve direct memory");
    bench.engine.candidates((_, _) -> SpokenModel.saying(ProbeWatchTest::right));
    clock.turn(Duration.ofMinutes(1));
    turn();
    assertThat(watch.last(served)).isPresent();
    assertThat(watch.failure(served)).isEmpty();
  }

  @Test
  void soManyWaitAndNoMore() {
    for (int i = 1; i <= ProbeWatch.ORDERS_MAX + 10; i++) {
      watch.order(new Served(BIRDS, i, 1));
      watch.order(new Served(BIRDS, i, 1));
    }

    assertThat(watch.waiting()).isEqualTo(ProbeWatch.ORDERS_MAX);
  }

  @Test
  void aThreadDoesThisUntilItIsClosed() throws Exception {
    tuned = _ -> "something else";
    BlockingQueue<DriftSignal> told = new LinkedBlockingQueue<>();
    watch.start(told::add);
    Served served = bench.active();

    assertThat(told.poll(60, TimeUnit.SECONDS)).extracting(DriftSignal::served).isEqualTo(served);
    watch.close();
    bench.active();
    assertThat(watch.waiting()).isEqualTo(1);
    assertThat(candidates).hasSize(1);
  }

  private void turn() throws InterruptedException {
    watch.turn(Duration.ZERO);
  }

  private ProbeWatch probing(Duration every) {
    List<Probe> probes =
        IntStream.range(0, PROBES)
            .mapToObj(i -> "old " + i)
            .map(
                words ->
                    new Probe(
                        words,
                        "color",
                        List.of(ChatMessage.text(Role.USER, words)),
                        Optional.of(right(words))))
            .toList();
    return new ProbeWatch(
        bench.registry,
        bench.engine,
        reader(),
        evaluator(),
        new ProbeSet(probes, List.of()),
        GateLimits.defaults(),
        every,
        clock);
  }

  private Evaluator evaluator() {
    return new Evaluator(
        bench.engine, new EvaluationSettings(4, 8, 1000, Duration.ZERO, Duration.ofMillis(1)));
  }

  private static PeftReader reader() {
    try (Checkpoint base = Checkpoint.open(Shared.path("reference/llava-onevision"))) {
      return new PeftReader(base.config(), GovernorBench.LIMITS);
    }
  }

  private interface Words {
    boolean fail(String words);
  }

  private static SpokenModel failing(Words which) {
    SpokenModel model = SpokenModel.saying(ProbeWatchTest::right);
    model.model().script(failingScript(which));
    return model;
  }

  private static FakeEngine.Script failingScript(Words which) {
    return (GenerationRequest request, GenerationListener listener) -> {
      String words = SpokenModel.words(request.messages());
      if (which.fail(words)) {
        listener.failed(new TrimtabException(ErrorCode.INTERNAL, "The step failed"));
      } else {
        listener.finished(FakeEngine.completion(right(words)));
      }
    };
  }

  private static int number(String words) {
    return Integer.parseInt(words.substring(4));
  }

  private static String right(String words) {
    return "kind " + words.charAt(words.length() - 1);
  }
}
