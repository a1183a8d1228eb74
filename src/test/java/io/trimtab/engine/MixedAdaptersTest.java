package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.engine.api.Completion.FinishReason;
import io.trimtab.engine.api.DeltaStatistics;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.RecordingListener;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.model.RotaryFrequencies;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever adapters share a batch with a request, its answer is that of the request alone. Alone
 * means an engine of one slot that keeps nothing: no arena, no moves, no cache.
 */
class MixedAdaptersTest {
  static final List<String> CHECKPOINTS = SampleQuestion.CHECKPOINTS;

  private static final long SEED = 20260603;

  @TempDir static Path folders;
  private static final Map<String, Tenants> TENANTS = new HashMap<>();

  /** A request of some adapter, or of base, and what it is answered alone. */
  private record Asked(String adapter, Question question, List<TokenLogprob> alone) {
    RequestHandle ask(Engine engine, GenerationListener listener) {
      return question.ask(engine, "default", adapter, listener);
    }
  }

  /** One model's engines, its adapters, and requests to them. */
  private record Tenants(Set<String> adapters, Engine whole, Engine chunked, List<Asked> asked) {}

  @AfterAll
  static void close() {
    for (Tenants tenants : TENANTS.values()) {
      for (Engine engine : List.of(tenants.whole, tenants.chunked)) {
        engine.close();
        assertThat(engine.deltaStatistics().host().leases()).isZero();
      }
    }
  }

  static Stream<Arguments> batches() {
    return CHECKPOINTS.stream()
        .flatMap(
            checkpoint ->
                Stream.of(1, 2, 3, 4, 5, 6, 7, 8).map(size -> Arguments.of(checkpoint, size)));
  }

  @ParameterizedTest
  @FieldSource("CHECKPOINTS")
  void everyAdapterAnswersOtherwiseThanBase(String checkpoint) {
    Tenants tenants = tenants(checkpoint);
    SampleQuestion sample = SampleQuestion.of(checkpoint).get(1);
    Question question = Question.of(sample.text(), sample.picture()).greedy(20);
    List<TokenLogprob> base = question.ask(tenants.whole).tokens();
    Set<List<Integer>> different = new HashSet<>();
    for (String name : tenants.adapters) {
      List<TokenLogprob> tuned = question.ask(tenants.whole, "default", name).tokens();
      different.add(Answers.ids(tuned));
      // The second best of the first token: the best one is certain, whatever is done to it.
      assertThat(Math.abs(secondBest(tuned) - secondBest(base))).as(name).isGreaterThan(1e-2f);
    }
    different.remove(Answers.ids(base));
    assertThat(different.size()).isGreaterThan(tenants.adapters.size() / 3);
  }

  private static float secondBest(List<TokenLogprob> answer) {
    return answer.getFirst().top().get(1).logprob();
  }

  @ParameterizedTest
  @MethodSource("batches")
  void everyAnswerIsThatOfTheRequestAlone(String checkpoint, int size) throws Exception {
    Tenants tenants = tenants(checkpoint);
    DeltaStatistics before = tenants.whole.deltaStatistics();
    requireAlone(size, tenants.whole, shuffled(tenants.asked, size));
    DeltaStatistics after = tenants.whole.deltaStatistics();
    assertThat(after.placements() - before.placements())
        .isGreaterThanOrEqualTo(size == 1 ? 0 : size);
  }

  @ParameterizedTest
  @FieldSource("CHECKPOINTS")
  void aPromptInChunksIsAnsweredAsTheWholeOne(String checkpoint) throws Exception {
    Tenants tenants = tenants(checkpoint);
    requireAlone(4, tenants.chunked, shuffled(tenants.asked, 11));
  }

  @ParameterizedTest
  @FieldSource("CHECKPOINTS")
  void neighboursThatAreCancelledChangeNothing(String checkpoint) throws Exception {
    Tenants tenants = tenants(checkpoint);
    List<Asked> asked = shuffled(tenants.asked, 12);
    List<RecordingListener> neighbours = new ArrayList<>();
    List<RecordingListener> answers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      RecordingListener neighbour = new RecordingListener();
      CompletableFuture<RequestHandle> handle = new CompletableFuture<>();
      int last = 1 + 2 * i;
      neighbour.atToken =
          count -> {
            if (count == last) {
              handle.thenAccept(RequestHandle::cancel);
            }
          };
      Asked cancelled = asked.get(asked.size() - 1 - i);
      handle.complete(
          cancelled
              .question
              .greedy(1000)
              .ask(tenants.whole, "default", cancelled.adapter, neighbour));
      neighbours.add(neighbour);
      RecordingListener answer = new RecordingListener();
      asked.get(i).ask(tenants.whole, answer);
      answers.add(answer);
    }
    requireAlone(asked.subList(0, 8), answers, "with cancels");
    for (RecordingListener neighbour : neighbours) {
      assertThat(neighbour.completion().reason()).isEqualTo(FinishReason.CANCELLED);
    }
  }

  /** Keeps that many requests going until all are answered. */
  private static void requireAlone(int size, Engine engine, List<Asked> asked) throws Exception {
    Semaphore going = new Semaphore(size);
    List<RecordingListener> answers = new ArrayList<>();
    for (Asked each : asked) {
      assertThat(going.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
      RecordingListener listener = new RecordingListener();
      listener.atEnd = going::release;
      each.ask(engine, listener);
      answers.add(listener);
    }
    requireAlone(asked, answers, "batch of " + size);
  }

  private static void requireAlone(List<Asked> asked, List<RecordingListener> answers, String as) {
    int compared = 0;
    int all = 0;
    for (int i = 0; i < asked.size(); i++) {
      Asked each = asked.get(i);
      String which = "%s, request %d of %s, seed %d".formatted(as, i, each.adapter, SEED);
      compared += Answers.requireSame(answers.get(i).tokens(), each.alone, which);
      all += each.alone.size();
      assertThat(answers.get(i).servedBy().adapter()).isEqualTo(each.adapter);
    }
    assertThat(compared).as("tokens compared of %d", all).isGreaterThan(all * 8 / 10);
  }

  private static List<Asked> shuffled(List<Asked> asked, int which) {
    List<Asked> order = new ArrayList<>(asked);
    Collections.shuffle(order, new Random(SEED + which));
    return order.subList(0, 12);
  }

  private static Tenants tenants(String checkpoint) {
    return TENANTS.computeIfAbsent(
        checkpoint,
        key -> {
          FolderRevisions revisions = new FolderRevisions(key);
          Set<String> adapters =
              AdapterBank.fill(revisions, folders.resolve(key.replace('/', '-')));
          return new Tenants(
              adapters,
              open(key, OpenedEngines.options(8, 512), revisions),
              open(key, OpenedEngines.options(8, 7), revisions),
              asked(key, List.copyOf(adapters), revisions));
        });
  }

  /** Every fifth request is base's; each adapter has one and more. */
  private static List<Asked> asked(String key, List<String> names, FolderRevisions revisions) {
    List<Question> questions = MixedQuestions.of(key);
    EngineOptions alone =
        OpenedEngines.options(1, 512).withCaches(new EngineOptions.Caches(0, 0, 0, 1L << 30, 0));
    List<Asked> asked = new ArrayList<>();
    try (Engine engine = open(key, alone, revisions)) {
      for (int i = 0; i < 2 * names.size(); i++) {
        Question question = questions.get(i % questions.size());
        String adapter = i % 5 == 0 ? "base" : names.get((i + i / names.size()) % names.size());
        List<TokenLogprob> answer = question.ask(engine, "default", adapter).tokens();
        asked.add(new Asked(adapter, question, answer));
      }
      assertThat(engine.deltaStatistics().arenaBytes()).isZero();
    }
    return asked;
  }

  private static Engine open(String key, EngineOptions options, FolderRevisions revisions) {
    Engine engine = OpenedEngines.open(key, options, RotaryFrequencies.FLOAT32, revisions);
    engine.start();
    return engine;
  }
}
