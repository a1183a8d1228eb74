package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.engine.api.Completion.FinishReason;
import io.trimtab.engine.api.RecordingListener;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.model.RotaryFrequencies;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What shares a batch with a request does not change its answer.
 *
 * <p>Kernels differ by batch size in the last bits, so an answer is compared up to the first token
 * whose two best candidates lie closer together than {@link #MARGIN}: from there on either is
 * right.
 */
class BatchEqualsIsolatedTest {
  static final List<String> CHECKPOINTS = SampleQuestion.CHECKPOINTS;

  /** Between the two best log-probabilities; float32 kernels differ by some 1e-5. */
  private static final float MARGIN = 1e-3f;

  private static final OpenedEngines ENGINES = new OpenedEngines(RotaryFrequencies.FLOAT32);
  private static final EngineOptions WHOLE = OpenedEngines.options(8, 512);
  private static final EngineOptions CHUNKED = OpenedEngines.options(8, 7);
  private static final Map<String, List<List<TokenLogprob>>> ISOLATED = new HashMap<>();

  @AfterAll
  static void close() {
    ENGINES.close();
  }

  static Stream<Arguments> batches() {
    return CHECKPOINTS.stream()
        .flatMap(
            checkpoint ->
                Stream.of(1, 2, 3, 4, 5, 6, 7, 8).map(size -> Arguments.of(checkpoint, size)));
  }

  @ParameterizedTest
  @MethodSource("batches")
  void everyAnswerIsThatOfTheRequestAlone(String checkpoint, int size) throws Exception {
    Engine engine = ENGINES.get(checkpoint, WHOLE);
    List<List<TokenLogprob>> isolated = isolated(checkpoint);
    awaitIdle(engine);
    long before = engine.statistics().decodeSteps();
    List<RecordingListener> answers =
        inBatchesOf(size, engine, half(size, MixedQuestions.of(checkpoint)));
    requireEqual(answers, half(size, isolated));
    awaitIdle(engine);
    // Requests come and go, so the batch is not always full, least on a busy machine.
    assertThat(Arrays.stream(engine.stepsSince(before).rows()).max().orElseThrow())
        .isBetween((size + 1) / 2, size);
  }

  /** The last step of all is counted a moment after its answers have ended. */
  private static void awaitIdle(Engine engine) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (engine.statistics().running() > 0 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(engine.statistics().running()).isZero();
  }

  @ParameterizedTest
  @FieldSource("CHECKPOINTS")
  void aPromptInChunksIsAnsweredAsTheWholeOne(String checkpoint) throws Exception {
    List<RecordingListener> answers =
        inBatchesOf(3, ENGINES.get(checkpoint, CHUNKED), half(0, MixedQuestions.of(checkpoint)));
    requireEqual(answers, half(0, isolated(checkpoint)));
  }

  @ParameterizedTest
  @FieldSource("CHECKPOINTS")
  void aNeighbourThatIsCancelledChangesNothing(String checkpoint) throws Exception {
    Engine engine = ENGINES.get(checkpoint, WHOLE);
    List<Question> questions = MixedQuestions.of(checkpoint);
    List<RecordingListener> neighbours = new ArrayList<>();
    List<RecordingListener> answers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      RecordingListener neighbour = new RecordingListener();
      CompletableFuture<RequestHandle> handle = new CompletableFuture<>();
      int last = 1 + 2 * i;
      neighbour.atToken =
          count -> {
            if (count == last) {
              handle.thenAccept(RequestHandle::cancel);
            }
          };
      handle.complete(questions.get(i).greedy(1000).ask(engine, neighbour));
      neighbours.add(neighbour);
      answers.add(questions.get(4 + i).ask(engine));
    }
    requireEqual(answers, isolated(checkpoint).subList(4, 8));
    for (RecordingListener neighbour : neighbours) {
      assertThat(neighbour.completion().reason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(neighbour.tokens()).hasSizeLessThan(1000);
    }
  }

  @ParameterizedTest
  @FieldSource("CHECKPOINTS")
  void theSameSeedDrawsTheSameAnswerInAnyCompany(String checkpoint) throws Exception {
    Engine engine = ENGINES.get(checkpoint, WHOLE);
    List<Question> crowd = MixedQuestions.of(checkpoint);
    List<Question> seeded = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      // Whole rows of logits, then the best tokens alone.
      seeded.add(crowd.get(i).sampled(16, 0, 7));
      seeded.add(crowd.get(i).sampled(16, 20, 7));
    }
    List<List<Integer>> alone = seeded.stream().map(each -> each.ask(engine).tokenIds()).toList();
    List<Question> mixed = new ArrayList<>();
    for (int i = 0; i < seeded.size(); i++) {
      mixed.add(crowd.get(8 + i));
      mixed.add(seeded.get(i));
    }
    List<RecordingListener> answers = inBatchesOf(6, engine, mixed);
    List<RecordingListener> chunked = inBatchesOf(2, ENGINES.get(checkpoint, CHUNKED), seeded);
    for (int i = 0; i < seeded.size(); i++) {
      assertThat(answers.get(2 * i + 1).tokenIds()).isEqualTo(alone.get(i));
      assertThat(chunked.get(i).tokenIds()).isEqualTo(alone.get(i));
    }
    assertThat(crowd.get(1).sampled(16, 0, 8).ask(engine).tokenIds()).isNotEqualTo(alone.get(2));
    assertThat(crowd.get(1).sampled(16, 20, 8).ask(engine).tokenIds()).isNotEqualTo(alone.get(3));
  }

  /** 300 tokens do not fit the first 256 positions; the last answer finds room for them. */
  @ParameterizedTest
  @FieldSource("CHECKPOINTS")
  void aCacheThatGrowsInMidAnswerKeepsWhatItHolds(String checkpoint) {
    try (Engine fresh =
        OpenedEngines.open(checkpoint, OpenedEngines.options(4, 512), RotaryFrequencies.FLOAT32)) {
      fresh.start();
      Question brief = Question.of("Say 9:30.").greedy(300);
      List<RecordingListener> growing = List.of(brief.ask(fresh), brief.greedy(270).ask(fresh));
      growing.forEach(RecordingListener::completion);
      List<TokenLogprob> grown = brief.ask(fresh).tokens();
      requireEqual(growing, List.of(grown, grown.subList(0, 270)));
      assertThat(growing.getFirst().completion().usage().completionTokens()).isEqualTo(300);
    }
  }

  private static List<List<TokenLogprob>> isolated(String checkpoint) {
    return ISOLATED.computeIfAbsent(
        checkpoint,
        key -> {
          Engine engine = ENGINES.get(key, WHOLE);
          List<List<TokenLogprob>> answers = new ArrayList<>();
          for (Question question : MixedQuestions.of(key)) {
            answers.add(question.ask(engine).tokens());
          }
          return answers;
        });
  }

  /** Every second group of four: the kinds of questions come in turn, four of them. */
  private static <T> List<T> half(int which, List<T> all) {
    return IntStream.range(0, all.size())
        .filter(i -> i / 4 % 2 == which % 2)
        .mapToObj(all::get)
        .toList();
  }

  /** Keeps that many requests going until all are answered. */
  private static List<RecordingListener> inBatchesOf(
      int size, Engine engine, List<Question> questions) throws InterruptedException {
    Semaphore going = new Semaphore(size);
    List<RecordingListener> answers = new ArrayList<>();
    for (Question question : questions) {
      assertThat(going.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
      RecordingListener listener = new RecordingListener();
      listener.atEnd = going::release;
      question.ask(engine, listener);
      answers.add(listener);
    }
    answers.forEach(RecordingListener::completion);
    return answers;
  }

  private static void requireEqual(
      List<RecordingListener> answers, List<List<TokenLogprob>> isolated) {
    int compared = 0;
    int all = 0;
    for (int request = 0; request < answers.size(); request++) {
      List<TokenLogprob> alone = isolated.get(request);
      List<Integer> ids = answers.get(request).tokenIds();
      assertThat(ids).hasSameSizeAs(alone);
      all += alone.size();
      int sure = sure(alone);
      assertThat(ids.subList(0, sure))
          .as("request %d", request)
          .isEqualTo(alone.subList(0, sure).stream().map(TokenLogprob::token).toList());
      compared += sure;
    }
    assertThat(compared).as("tokens compared of %d", all).isGreaterThan(all * 9 / 10);
  }

  /** Tokens before the first one that another might have taken the place of. */
  private static int sure(List<TokenLogprob> tokens) {
    for (int i = 0; i < tokens.size(); i++) {
      List<TokenLogprob> top = tokens.get(i).top();
      if (top.get(0).logprob() - top.get(1).logprob() < MARGIN) {
        return i;
      }
    }
    return tokens.size();
  }
}
