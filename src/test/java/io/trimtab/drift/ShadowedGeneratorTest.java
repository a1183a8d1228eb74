package io.trimtab.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adapter.AdapterId;
import io.trimtab.engine.api.AnswerReading;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.Completion.FinishReason;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.Priority;
import io.trimtab.engine.api.ReadingRequest;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Prompt;
import io.trimtab.model.text.Role;
import io.trimtab.testing.FakeEngine;
import io.trimtab.testing.Prompts;
import io.trimtab.testing.TurnedClock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which answers base reads as well, when, and that callers notice nothing of it. */
class ShadowedGeneratorTest {
  private static final Quantities QUANTITIES = new Quantities(WatchedClasses.builtIn());
  private static final ServedBy TUNED =
      new ServedBy("fake", "0".repeat(64), "birds", 3, "1".repeat(64), 0.5f);
  private static final Served SERVED = new Served(new AdapterId("acme", "birds"), 3, 0.5f);
  private static final Prompt PROMPT = Prompts.of(3, 1, 4);
  private static final int PENDING_MAX = 2;

  /** What happened, in order. */
  private record Event(String what, Object about) {}

  private record Read(ReadingRequest request, CompletableFuture<AnswerReading> reading) {}

  @TempDir private Path folder;
  private final FakeEngine engine = FakeEngine.silent();
  private final List<Event> events = new ArrayList<>();
  private final List<Read> reads = new ArrayList<>();
  private Executor measuring = Runnable::run;
  private DriftWatch watch;

  @BeforeEach
  void open() {
    watch =
        new DriftWatch(
            QUANTITIES,
            (_, _) -> Reference.ofBase(QUANTITIES),
            WatchSettings.defaults(),
            folder,
            _ -> {},
            new TurnedClock());
    engine.readings(
        request -> {
          events.add(new Event("read", request.tenant()));
          Read read = new Read(request, new CompletableFuture<>());
          reads.add(read);
          return read.reading();
        });
  }

  @Test
  void atAShareOfOneBaseReadsEveryAnswerOverTheSameTokens() throws Exception {
    ShadowedGenerator generator = generator(1);
    for (int i = 0; i < 5; i++) {
      answer(generator, "question " + i, 7, 9, 11 + i);
      ReadingRequest request = reads.getLast().request();
      assertThat(reads).hasSize(i + 1);
      assertThat(request.tokens()).containsExactly(7, 9, 11 + i);
      assertThat(request.prompt()).isSameAs(PROMPT);
      assertThat(request.adapter()).isEqualTo(ServedBy.BASE);
      assertThat(request.tenant()).isEqualTo("acme");
      assertThat(request.priority()).isEqualTo(Priority.BACKGROUND);
      assertThat(request.messages()).isEqualTo(asking("question " + i));
      reads.getLast().reading().complete(reading(0.5f, request.tokens()));
    }

    assertThat(reads.stream().map(read -> read.request().requestId()).distinct()).hasSize(5);
    assertThat(generator.statistics()).isEqualTo(new ShadowStatistics(5, 5, 15, 0, 0));
    WatchReport report = watch.report(SERVED).orElseThrow();
    assertThat(report.answers()).isEqualTo(5);
    assertThat(report.tokens()).isEqualTo(15);
  }

  @Test
  void baseIsAskedWhenTheCallerHasItsAnswer() throws Exception {
    answer(generator(1), "What bird is it?", 7, 9);

    assertThat(events)
        .extracting(Event::what)
        .containsExactly("started", "delta", "finished", "read");
  }

  /** Nobody asked for a reading, so none may come. */
  @ParameterizedTest
  @CsvSource({"0", "2"})
  void theCallerSeesWhatItWouldSeeWithout(int readTokensMax) throws Exception {
    GenerationRequest request = request("What bird is it?", Priority.INTERACTIVE, readTokensMax);
    RequestHandle handle = generator(1).generate(request, caller());
    FakeEngine.Taken taken = engine.next();
    TokenLogprob token = new TokenLogprob(7, "A", -0.1f, List.of());
    taken.listener().started(TUNED);
    taken.listener().delta("A", List.of(token));
    taken.listener().delta(" tit", List.of());
    Completion completion = completion(FinishReason.LENGTH, 7, 9);
    taken.listener().finished(completion);

    assertThat(events.subList(0, 4))
        .containsExactly(
            new Event("started", TUNED),
            new Event("delta", List.of("A", List.of(token))),
            new Event("delta", List.of(" tit", List.of())),
            new Event("finished", readTokensMax == 0 ? completion.unread() : completion));
    assertThat(completion.unread())
        .isEqualTo(
            new Completion(
                FinishReason.LENGTH, completion.text(), FakeEngine.USAGE, FakeEngine.TIMINGS));
    // All else of the request is the caller's own.
    assertThat(taken.request()).isEqualTo(request.read(WatchSettings.defaults().tokensMax()));
    handle.cancel();
    assertThat(taken.cancelled()).isCompleted();
  }

  @Test
  void aFailureIsHandedOnAndNothingRead() throws Exception {
    ShadowedGenerator generator = generator(1);
    FakeEngine.Taken taken = take(generator, "What bird is it?");
    TrimtabException reason = new TrimtabException(ErrorCode.DEADLINE_EXCEEDED, "Too late");
    taken.listener().started(TUNED);
    taken.listener().failed(reason);

    assertThat(events).containsExactly(new Event("started", TUNED), new Event("failed", reason));
    assertThat(generator.statistics()).isEqualTo(new ShadowStatistics(0, 0, 0, 0, 0));
  }

  @Test
  void whatTheEngineRefusesAtTheDoorIsTheCallersToSee() {
    TrimtabException full = new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "The queue is full");
    engine.script(
        (_, _) -> {
          throw full;
        });

    ShadowedGenerator generator = generator(1);
    assertThatThrownBy(() -> generator.generate(request("?", Priority.INTERACTIVE, 0), caller()))
        .isSameAs(full);
  }

  @Test
  void atAShareOfZeroNothingIsRead() throws Exception {
    ShadowedGenerator generator = generator(0);
    GenerationRequest request = request("What bird is it?", Priority.INTERACTIVE, 0);
    GenerationListener caller = caller();
    var _ = generator.generate(request, caller);

    FakeEngine.Taken taken = engine.next();
    assertThat(taken.request()).isSameAs(request);
    assertThat(taken.listener()).isSameAs(caller);
  }

  @Test
  void requestsInTheBackgroundAreLeftAlone() throws Exception {
    ShadowedGenerator generator = generator(1);
    GenerationRequest request = request("What bird is it?", Priority.BACKGROUND, 5);
    GenerationListener caller = caller();
    var _ = generator.generate(request, caller);

    FakeEngine.Taken taken = engine.next();
    assertThat(taken.request()).isSameAs(request);
    assertThat(taken.listener()).isSameAs(caller);
  }

  @Test
  void aShareIsThatShare() {
    ShadowedGenerator generator = generator(0.3);
    int asked = 4000;
    for (int i = 0; i < asked; i++) {
      var _ = generator.generate(request("question", Priority.INTERACTIVE, 0), caller());
    }

    long read = engine.requests().stream().filter(each -> each.readTokensMax() > 0).count();
    // Ten standard errors of a fair share, 0.0072 each.
    assertThat(read / (double) asked).isBetween(0.23, 0.37);
  }

  @Test
  void whatBaseAnsweredIsNotRead() throws Exception {
    ShadowedGenerator generator = generator(1);
    FakeEngine.Taken taken = take(generator, "What bird is it?");
    taken.listener().started(FakeEngine.SERVED_BY);
    taken.listener().finished(completion(FinishReason.STOP, 7, 9));

    requireNothingRead(generator);
  }

  @ParameterizedTest
  @EnumSource(FinishReason.class)
  void whatWasCancelledIsNotRead(FinishReason reason) throws Exception {
    ShadowedGenerator generator = generator(1);
    FakeEngine.Taken taken = take(generator, "What bird is it?");
    taken.listener().started(TUNED);
    taken.listener().finished(completion(reason, 7, 9));

    assertThat(reads).hasSize(reason == FinishReason.CANCELLED ? 0 : 1);
    assertThat(generator.statistics().chosen()).isEqualTo(reads.size());
  }

  @Test
  void anAnswerWithoutTokensIsNotRead() throws Exception {
    ShadowedGenerator generator = generator(1);
    FakeEngine.Taken empty = take(generator, "What bird is it?");
    empty.listener().started(TUNED);
    empty.listener().finished(completion(FinishReason.STOP));
    FakeEngine.Taken unread = take(generator, "What bird is it?");
    unread.listener().started(TUNED);
    unread.listener().finished(FakeEngine.completion("A tit"));

    requireNothingRead(generator);
  }

  @Test
  void asManyWaitAsMayAndMoreAreLeftOut() throws Exception {
    ShadowedGenerator generator = generator(1);
    for (int i = 0; i < PENDING_MAX + 3; i++) {
      answer(generator, "question " + i, 7);
    }
    assertThat(reads).hasSize(PENDING_MAX);
    assertThat(generator.statistics()).isEqualTo(new ShadowStatistics(PENDING_MAX + 3, 0, 0, 3, 0));

    reads.getFirst().reading().complete(reading(0.5f, 7));
    answer(generator, "one more", 7);
    assertThat(reads).hasSize(PENDING_MAX + 1);
    answer(generator, "too many", 7);
    assertThat(reads).hasSize(PENDING_MAX + 1);
    assertThat(generator.statistics()).isEqualTo(new ShadowStatistics(PENDING_MAX + 5, 1, 1, 4, 0));
  }

  /** More often than may wait, so that one that leaks would stop the next. */
  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void aRefusalIsCountedWheneverItComesAndNothingLeaks(ErrorCode code) throws Exception {
    ShadowedGenerator generator = generator(1);
    TrimtabException refusal = new TrimtabException(code, "Not now");
    for (int i = 0; i < PENDING_MAX + 1; i++) {
      answer(generator, "later " + i, 7);
      reads.getLast().reading().completeExceptionally(refusal);
    }
    engine.readings(
        _ -> {
          throw refusal;
        });
    for (int i = 0; i < PENDING_MAX + 1; i++) {
      answer(generator, "at the door " + i, 7);
    }

    boolean leftOut = code == ErrorCode.RESOURCE_EXHAUSTED || code == ErrorCode.UNAVAILABLE;
    int all = 2 * (PENDING_MAX + 1);
    assertThat(generator.statistics())
        .isEqualTo(new ShadowStatistics(all, 0, 0, leftOut ? all : 0, leftOut ? 0 : all));
    requireNextIsRead(generator);
  }

  @Test
  void aReadingOfOtherTokensOrNoNumbersFails() throws Exception {
    ShadowedGenerator generator = generator(1);
    List<AnswerReading> unsound =
        List.of(
            reading(Float.NaN, 7, 9),
            reading(0.5f, 7),
            new AnswerReading(
                PROMPT, new int[] {7, 9}, 0, new int[0], new float[0], 0, new float[0]));
    for (AnswerReading each : unsound) {
      answer(generator, "What bird is it?", 7, 9);
      reads.getLast().reading().complete(each);
    }

    assertThat(generator.statistics()).isEqualTo(new ShadowStatistics(3, 0, 0, 0, 3));
    assertThat(watch.report(SERVED)).isEmpty();
    requireNextIsRead(generator);
  }

  @Test
  void whereNothingIsMeasuredAnyMoreNothingLeaks() throws Exception {
    measuring =
        _ -> {
          throw new RejectedExecutionException("Shut down");
        };
    ShadowedGenerator generator = generator(1);
    for (int i = 0; i < PENDING_MAX + 1; i++) {
      answer(generator, "question " + i, 7);
      assertThat(reads).hasSize(i + 1);
      reads.getLast().reading().complete(reading(0.5f, 7));
    }

    assertThat(generator.statistics())
        .isEqualTo(new ShadowStatistics(PENDING_MAX + 1, 0, 0, 0, PENDING_MAX + 1));
  }

  /** The reference is on a disk that is away: the answer is left out, and the next asks again. */
  @Test
  void anAnswerWithoutAReferenceIsLeftOut() throws Exception {
    List<String> asked = new ArrayList<>();
    watch =
        new DriftWatch(
            QUANTITIES,
            (_, _) -> {
              asked.add("reference");
              if (asked.size() == 1) {
                throw new TrimtabException(ErrorCode.UNAVAILABLE, "The disk is away");
              }
              return Reference.ofBase(QUANTITIES);
            },
            WatchSettings.defaults(),
            folder,
            _ -> {},
            new TurnedClock());
    ShadowedGenerator generator = generator(1);
    answer(generator, "question", 7);
    reads.getLast().reading().complete(reading(0.5f, 7));
    assertThat(generator.statistics()).isEqualTo(new ShadowStatistics(1, 0, 0, 1, 0));

    requireNextIsRead(generator);
    assertThat(watch.report(SERVED)).map(WatchReport::answers).contains((long) PENDING_MAX);
  }

  private void requireNextIsRead(ShadowedGenerator generator) throws Exception {
    engine.readings(request -> CompletableFuture.completedFuture(reading(0.5f, request.tokens())));
    long before = generator.statistics().read();
    for (int i = 0; i < PENDING_MAX; i++) {
      answer(generator, "sound " + i, 7);
    }
    assertThat(generator.statistics().read()).isEqualTo(before + PENDING_MAX);
  }

  private void requireNothingRead(ShadowedGenerator generator) {
    assertThat(reads).isEmpty();
    assertThat(generator.statistics()).isEqualTo(new ShadowStatistics(0, 0, 0, 0, 0));
    assertThat(watch.reports()).isEmpty();
  }

  private ShadowedGenerator generator(double share) {
    WatchSettings usual = WatchSettings.defaults();
    return new ShadowedGenerator(
        engine,
        QUANTITIES,
        watch,
        new WatchSettings(
            share,
            usual.tokensMax(),
            PENDING_MAX,
            usual.averageRunLength(),
            usual.warmUp(),
            usual.watchedMax()),
        work -> measuring.execute(work));
  }

  private FakeEngine.Taken take(ShadowedGenerator generator, String words) throws Exception {
    var _ = generator.generate(request(words, Priority.INTERACTIVE, 0), caller());
    return engine.next();
  }

  /** One whole answer of the tuned revision. */
  private void answer(ShadowedGenerator generator, String words, int... tokens) throws Exception {
    FakeEngine.Taken taken = take(generator, words);
    taken.listener().started(TUNED);
    taken.listener().delta("A tit", List.of());
    taken.listener().finished(completion(FinishReason.STOP, tokens));
  }

  private static GenerationRequest request(String words, Priority priority, int readTokensMax) {
    return new GenerationRequest(
        "request",
        "acme",
        "birds",
        asking(words),
        SamplingParameters.greedy(16),
        Optional.empty(),
        priority,
        readTokensMax);
  }

  private static List<ChatMessage> asking(String words) {
    return List.of(ChatMessage.text(Role.USER, words));
  }

  private static Completion completion(FinishReason reason, int... tokens) {
    return new Completion(
        reason, "A tit", FakeEngine.USAGE, FakeEngine.TIMINGS, Optional.of(reading(0.25f, tokens)));
  }

  /** Every set has this mass at every place. */
  private static AnswerReading reading(float mass, int... tokens) {
    int sets = WatchedClasses.builtIn().sets().size();
    float[] masses = new float[tokens.length * sets];
    Arrays.fill(masses, mass);
    float[] logprobs = new float[tokens.length];
    Arrays.fill(logprobs, -0.1f);
    return new AnswerReading(PROMPT, tokens, 1, tokens.clone(), logprobs, sets, masses);
  }

  private GenerationListener caller() {
    return new GenerationListener() {
      @Override
      public void started(ServedBy servedBy) {
        events.add(new Event("started", servedBy));
      }

      @Override
      public void delta(String text, List<TokenLogprob> logprobs) {
        events.add(new Event("delta", List.of(text, logprobs)));
      }

      @Override
      public void finished(Completion completion) {
        events.add(new Event("finished", completion));
      }

      @Override
      public void failed(TrimtabException reason) {
        events.add(new Event("failed", reason));
      }
    };
  }
}
