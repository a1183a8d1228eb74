package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.engine.EngineOptions.Caches;
import io.trimtab.engine.api.AnswerReading;
import io.trimtab.engine.api.EngineStatistics;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.Priority;
import io.trimtab.engine.api.ReadingRequest;
import io.trimtab.engine.api.RecordingListener;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringRequest.Positions;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.testing.PeftFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Keys and values of a prompt's beginning are used again where they are the same, and nowhere else.
 */
class PrefixReuseTest {
  private static final String CHECKPOINT = SampleQuestion.CHECKPOINTS.getFirst();
  private static final String SYSTEM =
      "You are asked about pictures of birds and boats. Answer in one or two words, and say what you see.";
  private static final Set<String> SELF_ATTENTION = Set.of("q_proj", "k_proj", "v_proj", "o_proj");

  @TempDir private static Path folder;
  private static FolderRevisions revisions;
  private static Engine engine;

  @BeforeAll
  static void open() {
    revisions = new FolderRevisions(CHECKPOINT);
    revisions.put("one", adapter("one", 1));
    revisions.put("two", adapter("two", 2));
    revisions.put("damped", adapter("one", 1), 0.5f);
    engine = opened(Caches.defaults(), 512);
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static PeftFolder adapter(String name, long seed) {
    return PeftFolder.random(
        revisions.config(), folder.resolve(name), seed, 8, SELF_ATTENTION, 0.2f);
  }

  private static Engine opened(Caches caches, int chunk) {
    Engine opened =
        OpenedEngines.open(
            CHECKPOINT,
            OpenedEngines.options(4, chunk).withCaches(caches),
            RotaryFrequencies.FLOAT32,
            revisions);
    opened.start();
    return opened;
  }

  private static int cached(RecordingListener answer) {
    return answer.completion().usage().cachedPromptTokens();
  }

  private static Question asking(String text) {
    return Question.of(SYSTEM + " " + text).greedy(12);
  }

  /** Begins as no other test's prompts do. */
  private static Question beginningWith(String text) {
    return Question.of(text + " " + SYSTEM).greedy(12);
  }

  @Test
  void theSamePromptAgainRunsItsLastTokensAlone() {
    Question question = beginningWith("The same prompt again?");
    RecordingListener first = question.ask(engine);
    int prompt = first.completion().usage().promptTokens();
    EngineStatistics before = engine.statistics();
    RecordingListener second = question.ask(engine);
    assertThat(cached(second)).isEqualTo((prompt - 1) / 16 * 16);
    assertThat(second.tokenIds()).isEqualTo(first.tokenIds());
    EngineStatistics done = engine.statistics().since(before);
    assertThat(done.reusedTokens()).isEqualTo(cached(second));
    assertThat(done.prefilledTokens()).isEqualTo(prompt - cached(second));
  }

  @Test
  void aPromptThatBeginsAlikeSharesItsBeginning() {
    asking("Which bird is this?").ask(engine).completion();
    RecordingListener other = asking("Which boat is that?").ask(engine);
    assertThat(cached(other)).isBetween(16, other.completion().usage().promptTokens() - 2);
  }

  @Test
  void theSamePictureIsSharedAndAnotherIsNot() {
    List<SampleQuestion> samples = SampleQuestion.of(CHECKPOINT);
    Question first = samples.get(0).question().greedy(8);
    RecordingListener cold = first.ask(engine);
    assertThat(cold.completion().usage().imageTokens()).isGreaterThan(16);
    RecordingListener warm = first.ask(engine);
    assertThat(cached(warm)).isGreaterThan(cold.completion().usage().imageTokens());
    assertThat(warm.tokenIds()).isEqualTo(cold.tokenIds());
    // The tokens are the same, image placeholders all of them; the picture is another.
    Question other =
        new Question(
            List.of(Question.user(samples.get(0).text(), samples.get(1).picture())),
            first.sampling());
    assertThat(cached(other.ask(engine))).isLessThan(32);
  }

  @Test
  void nothingIsSharedAcrossDeltasOrScales() {
    Question question = beginningWith("What do deltas share?");
    RecordingListener base = question.ask(engine);
    for (String name : List.of("one", "two", "damped")) {
      assertThat(cached(question.ask(engine, "default", name))).as(name).isZero();
    }
    for (String name : List.of("one", "two", "damped")) {
      assertThat(cached(question.ask(engine, "default", name))).as(name).isPositive();
    }
    assertThat(question.ask(engine).tokenIds()).isEqualTo(base.tokenIds());
  }

  /** Shared by digest: the same weights under another name, or of another tenant, are the same. */
  @Test
  void theSameWeightsUnderAnotherNameShare() {
    Question question = beginningWith("Is a name of any weight?");
    RecordingListener first = question.ask(engine, "default", "one");
    assertThat(cached(first)).isZero();
    revisions.put("alias", adapter("one", 1));
    RecordingListener second = question.ask(engine, "another", "alias");
    assertThat(cached(second)).isPositive();
    assertThat(second.tokenIds()).isEqualTo(first.tokenIds());
  }

  /** vllm #42125, #30931: keys and values of what a name meant before. */
  @Test
  void aDeltaThatIsReplacedUnderItsNameFindsNothingOfTheOldOne() {
    Question question = beginningWith("What is under the name?");
    revisions.put("replaced", adapter("one", 1));
    question.ask(engine, "default", "replaced").completion();
    revisions.put("replaced", adapter("three", 3));
    RecordingListener after = question.ask(engine, "default", "replaced");
    assertThat(cached(after)).isZero();
    try (Engine cold = opened(Caches.defaults(), 512)) {
      assertThat(after.tokenIds()).isEqualTo(question.ask(cold, "default", "replaced").tokenIds());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 24, 7})
  void turnedOffItChangesNoAnswer(int chunk) {
    List<Question> questions = new ArrayList<>();
    for (String text : List.of("One?", "One?", "Another one?", "Yet another one?", "One?")) {
      questions.add(asking(text));
    }
    List<List<Integer>> with = new ArrayList<>();
    List<List<Integer>> without = new ArrayList<>();
    try (Engine on = opened(Caches.defaults(), chunk);
        Engine off = opened(Caches.defaults().withPrefixBytes(0), chunk)) {
      for (Question question : questions) {
        for (String name : List.of("base", "one")) {
          with.add(question.ask(on, "default", name).tokenIds());
          RecordingListener fresh = question.ask(off, "default", name);
          assertThat(cached(fresh)).isZero();
          without.add(fresh.tokenIds());
        }
      }
      assertThat(on.statistics().reusedTokens()).isPositive();
    }
    assertThat(with).isEqualTo(without);
  }

  /** Room for a handful of blocks: prompts push each other out, and every answer stays right. */
  @Test
  void withinItsLimitTheEndsOfOldPromptsGoFirst() {
    List<RecordingListener> reference = new ArrayList<>();
    try (Engine small = opened(Caches.defaults().withPrefixBytes(200_000), 512)) {
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 8; i++) {
          RecordingListener answer = asking("Question number " + i + "?").ask(small);
          if (round == 0) {
            reference.add(answer);
          }
          assertThat(answer.tokenIds()).isEqualTo(reference.get(i).tokenIds());
        }
      }
      assertThat(small.prefixCacheBytes()).isBetween(1L, 200_000L);
    }
  }

  @Test
  void scoringReusesWhatItReadsNoLogitsOf() throws Exception {
    ScoringResult first = score(Positions.CONTINUATION);
    EngineStatistics before = engine.statistics();
    ScoringResult second = score(Positions.CONTINUATION);
    assertThat(engine.statistics().since(before).reusedTokens()).isPositive();
    assertThat(second.totalLogprob()).isCloseTo(first.totalLogprob(), within(1e-4f));
    before = engine.statistics();
    ScoringResult whole = score(Positions.PROMPT_AND_CONTINUATION);
    assertThat(engine.statistics().since(before).reusedTokens()).isZero();
    assertThat(whole.totalLogprob()).isCloseTo(first.totalLogprob(), within(1e-4f));
  }

  /**
   * A live answer's picture may be asked about again; one that base reads in the background is of
   * somebody's conversation with another model.
   */
  @Test
  void aReadingKeepsWhatStandsBeforeItsPicture() throws Exception {
    SampleQuestion sample = SampleQuestion.of(CHECKPOINT).get(2);
    Question question =
        new Question(
            List.of(
                new ChatMessage(
                    Role.SYSTEM, List.of(new TextPart("What a reading keeps. " + SYSTEM))),
                Question.user(sample.text(), sample.picture())),
            Question.of("").greedy(8).sampling());
    AnswerReading answer = answered(question);
    EngineStatistics before = engine.statistics();
    AnswerReading unknown = readByBase(question, answer);
    assertThat(engine.statistics().since(before).reusedTokens()).isZero();
    RecordingListener live = question.ask(engine);
    int imageTokens = live.completion().usage().imageTokens();
    int picture = answer.prompt().images().getFirst().start();
    assertThat(picture).isGreaterThan(16);
    assertThat(cached(live)).isEqualTo(picture / 16 * 16);

    before = engine.statistics();
    AnswerReading known = readByBase(question, answer);
    assertThat(engine.statistics().since(before).reusedTokens()).isGreaterThan(imageTokens);
    for (int place = 0; place < known.places(); place++) {
      assertThat(known.best(place)).isEqualTo(unknown.best(place));
      assertThat(known.bestLogprobs()[place * known.bests()])
          .isCloseTo(unknown.bestLogprobs()[place * unknown.bests()], within(1e-4f));
    }
  }

  @Test
  void aReadingOfWordsAloneKeepsThemAll() throws Exception {
    Question question = beginningWith("What does a reading keep?");
    readByBase(question, answered(question));
    RecordingListener live = question.ask(engine);
    assertThat(cached(live)).isEqualTo((live.completion().usage().promptTokens() - 1) / 16 * 16);
  }

  /** An adapter's answer, which shares nothing with base. */
  private static AnswerReading answered(Question question) {
    RecordingListener listener = new RecordingListener();
    engine.generate(
        new GenerationRequest(
                "answer",
                "default",
                "one",
                question.messages(),
                question.sampling(),
                Optional.empty())
            .read(8),
        listener);
    return listener.completion().reading().orElseThrow();
  }

  private static AnswerReading readByBase(Question question, AnswerReading answer)
      throws Exception {
    return engine
        .read(
            new ReadingRequest(
                "read",
                "default",
                "base",
                question.messages(),
                answer.prompt(),
                answer.tokens(),
                Priority.BACKGROUND))
        .get(60, TimeUnit.SECONDS);
  }

  private static ScoringResult score(Positions positions) throws Exception {
    return engine
        .score(
            new ScoringRequest(
                "score",
                "default",
                "two",
                asking("How likely is it?").messages(),
                "Quite likely.",
                positions,
                Optional.empty()))
        .get(60, TimeUnit.SECONDS);
  }
}
