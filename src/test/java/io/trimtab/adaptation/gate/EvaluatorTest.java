package io.trimtab.adaptation.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.Priority;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.testing.FakeEngine;
import io.trimtab.testing.FakeEngine.Taken;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How questions are put to an engine that is full, silent or stopping. */
@Timeout(180)
class EvaluatorTest {
  private static final TrimtabException FULL =
      new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "The queue is full");
  private static final EvaluationSet SET = set(6);
  private static final String LONG = "A robin that sits on a fence and sings";

  @Test
  void aFullEngineIsAskedAgain() throws Exception {
    AtomicInteger refusals = new AtomicInteger(5);
    FakeEngine engine = SpokenModel.engine(words -> "yes");
    engine.script(
        (request, listener) -> {
          if (refusals.getAndDecrement() > 0) {
            throw FULL;
          }
          listener.finished(FakeEngine.completion("yes"));
        });
    AtomicInteger scoreRefusals = new AtomicInteger(3);
    engine.scores(
        request -> {
          if (scoreRefusals.getAndDecrement() > 0) {
            throw FULL;
          }
          return SpokenModel.scored(request);
        });
    SpokenModel candidate = SpokenModel.saying(words -> "yes");

    Evidence evidence = evaluate(engine, candidate, patient(Duration.ofSeconds(50)));

    assertThat(evidence.gaps()).isEmpty();
    assertThat(evidence.probes()).hasSize(6);
    assertThat(engine.requests()).hasSize(6 + 5);
    assertThat(engine.scorings()).hasSize(6 + 3);
    assertThat(candidate.model().requests()).hasSize(6);
    assertThat(engine.requests())
        .allSatisfy(
            request -> {
              assertThat(request.priority()).isEqualTo(Priority.BACKGROUND);
              assertThat(request.tenant()).isEqualTo("acme");
            });
  }

  /** Refused where it is told later, not at the door. */
  @Test
  void patienceHasAnEnd() {
    FakeEngine engine = SpokenModel.engine(words -> "yes");
    SpokenModel candidate = SpokenModel.saying(words -> "yes");
    candidate.model().script((request, listener) -> listener.failed(FULL));

    assertThatThrownBy(() -> evaluate(engine, candidate, patient(Duration.ofSeconds(1))))
        .isSameAs(FULL);
    assertThat(candidate.model().requests()).hasSizeGreaterThan(2);
  }

  /** One that has room for a moment now and then is asked often enough to find it. */
  @Test
  void pausesGrowToTwoSecondsAndNoFurther() {
    EvaluationSettings settings = EvaluationSettings.defaults();
    List<Duration> pauses =
        Stream.iterate(settings.firstPause(), settings::pauseAfter).limit(150).toList();

    assertThat(pauses)
        .startsWith(Duration.ofMillis(100), Duration.ofMillis(200))
        .endsWith(Duration.ofSeconds(2));
    assertThat(pauses.stream().reduce(Duration.ZERO, Duration::plus))
        .isLessThan(settings.patience());
    EvaluationSettings slow =
        new EvaluationSettings(1, 8, 1, Duration.ofHours(1), Duration.ofMinutes(1));
    assertThat(slow.pauseAfter(Duration.ofMinutes(1))).isEqualTo(Duration.ofMinutes(1));
  }

  /** A character is a token of the fake's. */
  @Test
  void anAnswerIsNotCutBeforeItCouldBeRight() throws Exception {
    FakeEngine engine = SpokenModel.engine(words -> "no");
    SpokenModel candidate = SpokenModel.saying(words -> "no");
    candidate
        .model()
        .script(
            (request, listener) ->
                listener.finished(
                    FakeEngine.completion(
                        LONG.substring(
                            0, Math.min(LONG.length(), request.sampling().maxTokens())))));

    Evidence evidence =
        new Evaluator(engine, EvaluationSettings.defaults())
            .evaluate(
                "acme",
                candidate,
                new EvaluationSet(
                    List.of(
                        SpokenModel.item("correction", "long", LONG),
                        SpokenModel.item("correction", "short", "A robin")),
                    List.of()),
                (done, total) -> {});

    assertThat(evidence.gaps()).isEmpty();
    assertThat(evidence.validation())
        .extracting(PairedOutcome::tunedIsRight)
        .containsExactly(true, false);
    assertThat(engine.requests())
        .extracting(request -> request.sampling().maxTokens())
        .containsExactlyInAnyOrder(LONG.length() + 8, 32);
    // What the drift watch will see of such answers is what the envelope is made of.
    assertThat(candidate.model().requests())
        .extracting(request -> request.sampling().maxTokens(), GenerationRequest::readTokensMax)
        .containsExactlyInAnyOrder(tuple(LONG.length() + 8, LONG.length() + 8), tuple(32, 32));
  }

  @Test
  void withoutPatienceOneTryIsAll() {
    FakeEngine engine = SpokenModel.engine(words -> "yes");
    engine.script((request, listener) -> listener.failed(FULL));
    SpokenModel candidate = SpokenModel.saying(words -> "yes");

    assertThatThrownBy(
            () ->
                new Evaluator(engine, patient(Duration.ZERO))
                    .evaluate("acme", candidate, set(1), (done, total) -> {}))
        .isSameAs(FULL);
    assertThat(engine.requests()).hasSize(1);
    assertThat(candidate.model().requests()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorCode.class,
      names = {"UNAVAILABLE", "CANCELLED", "DEADLINE_EXCEEDED"})
  void whatIsTheEnginesOwnTroubleIsNoEvidence(ErrorCode code) {
    FakeEngine engine = SpokenModel.engine(words -> "yes");
    engine.scores(
        request -> {
          throw new TrimtabException(code, "trouble");
        });
    SpokenModel candidate = SpokenModel.saying(words -> "yes");

    TrimtabException reason =
        catchThrowableOfType(
            TrimtabException.class,
            () -> evaluate(engine, candidate, patient(Duration.ofSeconds(50))));
    assertThat(reason.code()).isEqualTo(code);
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorCode.class,
      names = {"INVALID_ARGUMENT", "FAILED_PRECONDITION", "INTERNAL", "NOT_FOUND"})
  void whatTheModelIsAtFaultForIsAGap(ErrorCode code) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    FakeEngine engine = SpokenModel.engine(words -> "yes");
    SpokenModel candidate = SpokenModel.saying(words -> "yes");
    candidate
        .model()
        .script(
            (request, listener) -> {
              if (SpokenModel.words(request.messages()).equals("question 2")) {
                asked.incrementAndGet();
                listener.failed(new TrimtabException(code, "no numbers"));
              } else {
                listener.finished(FakeEngine.completion("yes"));
              }
            });

    Evidence evidence = evaluate(engine, candidate, patient(Duration.ZERO));

    assertThat(evidence.gaps())
        .containsExactly(new Evidence.Gap("question 2", Evidence.Party.TUNED, "no numbers"));
    assertThat(asked).hasValue(code == ErrorCode.INTERNAL ? 2 : 1);
    assertThat(evidence.probes())
        .extracting(PairedOutcome::id)
        .containsExactly("question 0", "question 1", "question 3", "question 4", "question 5");
  }

  /** A step that fails ends all its rows, so one failure may have been another request's. */
  @Test
  void whatFailsOnceInsideTheEngineIsAskedOnceMore() throws Exception {
    TrimtabException stepFailed = new TrimtabException(ErrorCode.INTERNAL, "The step failed");
    AtomicInteger answers = new AtomicInteger();
    AtomicInteger scores = new AtomicInteger();
    FakeEngine engine = SpokenModel.engine(words -> "yes");
    SpokenModel candidate = SpokenModel.saying(words -> "yes");
    candidate
        .model()
        .script(
            (request, listener) -> {
              if (SpokenModel.words(request.messages()).equals("question 2")
                  && answers.getAndIncrement() == 0) {
                listener.failed(stepFailed);
              } else {
                listener.finished(FakeEngine.completion("yes"));
              }
            });
    candidate
        .model()
        .scores(
            request -> {
              if (SpokenModel.words(request.messages()).equals("question 4")
                  && scores.getAndIncrement() == 0) {
                throw stepFailed;
              }
              return SpokenModel.scored(request);
            });

    Evidence evidence = evaluate(engine, candidate, patient(Duration.ZERO));

    assertThat(evidence.gaps()).isEmpty();
    assertThat(evidence.probes()).hasSize(6).allMatch(PairedOutcome::scored);
    assertThat(answers).hasValue(2);
    assertThat(scores).hasValue(2);
  }

  @Test
  void aCancelledAnswerIsNoAnswer() {
    FakeEngine engine = SpokenModel.engine(words -> "yes");
    SpokenModel candidate = SpokenModel.saying(words -> "yes");
    candidate
        .model()
        .script(
            (request, listener) ->
                listener.finished(
                    new Completion(
                        Completion.FinishReason.CANCELLED,
                        "ye",
                        FakeEngine.USAGE,
                        FakeEngine.TIMINGS)));

    TrimtabException reason =
        catchThrowableOfType(
            TrimtabException.class, () -> evaluate(engine, candidate, patient(Duration.ZERO)));
    assertThat(reason.code()).isEqualTo(ErrorCode.CANCELLED);
  }

  @Test
  void noMoreAreInFlightThanMayBe() throws Exception {
    AtomicInteger inFlight = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    FakeEngine engine = SpokenModel.engine(words -> "yes");
    engine.script(
        (request, listener) -> {
          most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
          Thread.startVirtualThread(
              () -> {
                inFlight.decrementAndGet();
                listener.finished(FakeEngine.completion("yes"));
              });
        });

    new Evaluator(engine, patient(Duration.ZERO))
        .evaluate("acme", SpokenModel.saying(words -> "yes"), set(200), (done, total) -> {});
    assertThat(most.get()).isBetween(1, 3);
  }

  @Test
  void anInterruptCancelsWhatIsInFlight() throws Exception {
    FakeEngine engine = SpokenModel.engine(words -> "yes");
    engine.script((request, listener) -> {});
    List<Integer> heard = new ArrayList<>();
    FutureTask<Evidence> evaluation =
        new FutureTask<>(
            () ->
                new Evaluator(engine, patient(Duration.ofSeconds(50)))
                    .evaluate(
                        "acme",
                        SpokenModel.saying(words -> "yes"),
                        SET,
                        (done, total) -> heard.add(done)));
    Thread thread = Thread.ofPlatform().start(evaluation);
    List<Taken> inFlight = List.of(engine.next(), engine.next(), engine.next());
    thread.interrupt();

    assertThatThrownBy(() -> evaluation.get(50, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(InterruptedException.class);
    assertThat(inFlight).allSatisfy(taken -> assertThat(taken.cancelled()).isDone());
    assertThat(engine.requests()).isEmpty();
    assertThat(heard).isEmpty();
  }

  @Test
  void anInterruptEndsAScoringToo() throws Exception {
    FakeEngine silent = FakeEngine.answering("yes");
    FutureTask<Evidence> evaluation =
        new FutureTask<>(
            () ->
                new Evaluator(silent, patient(Duration.ofSeconds(50)))
                    .evaluate(
                        "acme", SpokenModel.saying(words -> "yes"), SET, (done, total) -> {}));
    Thread thread = Thread.ofPlatform().start(evaluation);
    List<FakeEngine.Scored> scorings =
        List.of(silent.nextScored(), silent.nextScored(), silent.nextScored());
    thread.interrupt();

    assertThatThrownBy(() -> evaluation.get(50, TimeUnit.SECONDS))
        .hasCauseInstanceOf(InterruptedException.class);
    assertThat(scorings).allSatisfy(scored -> assertThat(scored.result()).isCancelled());
    assertThat(silent.scorings()).isEmpty();
  }

  /** The pause between two tries is waiting like any other. */
  @Test
  void anInterruptEndsThePauseOfAFullEngine() throws Exception {
    FakeEngine engine = SpokenModel.engine(words -> "yes");
    engine.script((request, listener) -> listener.failed(FULL));
    FutureTask<Evidence> evaluation =
        new FutureTask<>(
            () ->
                new Evaluator(
                        engine,
                        new EvaluationSettings(
                            3, 8, 100, Duration.ofHours(1), Duration.ofMinutes(30)))
                    .evaluate(
                        "acme", SpokenModel.saying(words -> "yes"), SET, (done, total) -> {}));
    Thread thread = Thread.ofPlatform().start(evaluation);
    engine.next();
    thread.interrupt();

    assertThatThrownBy(() -> evaluation.get(50, TimeUnit.SECONDS))
        .hasCauseInstanceOf(InterruptedException.class);
  }

  @Test
  void oneFailureEndsTheOthers() throws Exception {
    TrimtabException stopping = new TrimtabException(ErrorCode.UNAVAILABLE, "stopping");
    FakeEngine engine = SpokenModel.engine(words -> "yes");
    engine.script((request, listener) -> {});
    FutureTask<Evidence> evaluation =
        new FutureTask<>(
            () ->
                new Evaluator(engine, patient(Duration.ofSeconds(50)))
                    .evaluate(
                        "acme", SpokenModel.saying(words -> "yes"), SET, (done, total) -> {}));
    Thread.ofPlatform().start(evaluation);
    List<Taken> inFlight = List.of(engine.next(), engine.next(), engine.next());
    inFlight.getFirst().listener().failed(stopping);

    assertThatThrownBy(() -> evaluation.get(50, TimeUnit.SECONDS)).hasCause(stopping);
    assertThat(inFlight.subList(1, 3)).allSatisfy(taken -> assertThat(taken.cancelled()).isDone());
  }

  private static Evidence evaluate(
      FakeEngine engine, SpokenModel candidate, EvaluationSettings settings)
      throws InterruptedException {
    return new Evaluator(engine, settings).evaluate("acme", candidate, SET, (done, total) -> {});
  }

  private static EvaluationSettings patient(Duration patience) {
    return new EvaluationSettings(3, 8, 100, patience, Duration.ofMillis(1));
  }

  private static EvaluationSet set(int probes) {
    return new EvaluationSet(
        List.of(),
        IntStream.range(0, probes)
            .mapToObj(i -> SpokenModel.item("task", "question " + i, "yes"))
            .toList());
  }
}
