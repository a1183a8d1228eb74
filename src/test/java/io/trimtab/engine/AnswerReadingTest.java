package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.engine.api.AnswerReading;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.Priority;
import io.trimtab.engine.api.ReadingRequest;
import io.trimtab.engine.api.RecordingListener;
import io.trimtab.engine.api.TokenSet;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Prompt;
import io.trimtab.model.text.Role;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.ReferenceCase;
import io.trimtab.testing.Shared;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What comes back of an answer's tokens: while it is generated, and when it is read later. */
class AnswerReadingTest {
  private static final String MODEL = "reference/llava-onevision";

  /** Prefill and decode are other kernels; float32 logits differ by some 1e-5. */
  private static final float TOLERANCE = 1e-4f;

  /** Every token is in the first or in the second set; the third is empty. */
  private static final List<TokenSet> SETS =
      List.of(
          new Texts("spaced", text -> text.startsWith(" ")),
          new Texts("others", text -> !text.startsWith(" ")),
          new Texts("none", text -> false));

  private static FolderRevisions revisions;
  private static Engine engine;

  @BeforeAll
  static void open() {
    revisions = new FolderRevisions(MODEL);
    revisions.put("tuned", PeftFolder.reference("llava-onevision", "sa-proj"));
    engine =
        OpenedEngines.open(
            MODEL,
            OpenedEngines.options(4, 512).withTokenSets(SETS),
            RotaryFrequencies.FLOAT32,
            revisions);
    engine.start();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @Test
  void aModelReadsItsOwnAnswerAsItGaveIt() throws Exception {
    AnswerReading given = generated("tuned", 12);
    AnswerReading read = read("tuned", given);

    assertThat(read.tokens()).isEqualTo(given.tokens());
    assertThat(given.places()).isGreaterThan(4);
    for (int place = 0; place < given.places(); place++) {
      assertThat(read.best(place)).isEqualTo(given.best(place));
      assertThat(read.bestLogprobs()[place * read.bests()])
          .isCloseTo(given.bestLogprobs()[place * given.bests()], within(TOLERANCE));
      for (int set = 0; set < SETS.size(); set++) {
        assertThat(read.mass(place, set)).isCloseTo(given.mass(place, set), within(TOLERANCE));
      }
    }
  }

  @Test
  void baseReadsItOtherwise() throws Exception {
    AnswerReading given = generated("tuned", 12);
    AnswerReading read = read("base", given);
    assertThat(read.tokens()).isEqualTo(given.tokens());
    assertThat(read.bestLogprobs()).isNotEqualTo(given.bestLogprobs());
  }

  /** Rendered anew the conversation would be the same again. */
  @Test
  void itIsReadOverThePromptThatIsGiven() throws Exception {
    AnswerReading given = generated("tuned", 12);
    Prompt prompt = given.prompt();
    int[] tokens = prompt.tokenIds().clone();
    tokens[tokens.length - 3]++;
    Prompt other = new Prompt(tokens, prompt.images(), prompt.positions());

    AnswerReading read = read("tuned", reference().messages(), other, given.tokens());

    assertThat(read.prompt()).isSameAs(other);
    assertThat(read.bestLogprobs()).isNotEqualTo(read("tuned", given).bestLogprobs());
  }

  @Test
  void massesAreOfTheWholeVocabulary() throws Exception {
    AnswerReading given = generated("tuned", 12);
    double spaced = 0;
    for (int place = 0; place < given.places(); place++) {
      assertThat(given.mass(place, 0) + given.mass(place, 1)).isCloseTo(1, within(TOLERANCE));
      assertThat(given.mass(place, 2)).isZero();
      spaced += given.mass(place, 0);
    }
    assertThat(spaced).isBetween(0.01, given.places() - 0.01);
  }

  @Test
  void noMoreIsReadThanWasAskedFor() {
    assertThat(generated("tuned", 3).places()).isEqualTo(3);
    assertThat(completion("tuned", 0).reading()).isEmpty();
  }

  @Test
  void anAnswerOfTokensThatAreNoneIsRefused() {
    Prompt prompt = generated("tuned", 1).prompt();
    assertThatThrownBy(() -> read("base", reference().messages(), prompt, 1, 1 << 20))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining("has token 1048576, expected 0 to ");
    assertThatThrownBy(() -> read("base", reference().messages(), prompt))
        .hasMessage("The answer to read has no tokens, expected at least one");
  }

  @Test
  void aPromptOfOtherPicturesIsRefused() {
    Prompt prompt = generated("tuned", 1).prompt();
    List<ChatMessage> unseen = List.of(ChatMessage.text(Role.USER, "Which picture?"));
    assertThatThrownBy(() -> read("base", unseen, prompt, 1))
        .cause()
        .isInstanceOf(TrimtabException.class)
        .hasMessage(
            "The prompt has pictures of [%d] tokens, expected [] as the conversation has"
                .formatted(prompt.imageTokens()));
  }

  @Test
  void aSetThatMustNotBeEmptyIsRefusedWithTheModel() {
    TokenSet colours =
        new TokenSet() {
          @Override
          public String name() {
            return "colours";
          }

          @Override
          public boolean holds(String text) {
            return false;
          }

          @Override
          public boolean mayBeEmpty() {
            return false;
          }
        };
    assertThatThrownBy(
            () ->
                OpenedEngines.open(
                    MODEL,
                    OpenedEngines.options(1, 512).withTokenSets(List.of(colours)),
                    RotaryFrequencies.FLOAT32))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            reason -> assertThat(reason.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessage(
            "The token class 'colours' holds no token of this model's vocabulary, expected at least"
                + " one");
  }

  private static AnswerReading generated(String adapter, int tokensMax) {
    return completion(adapter, tokensMax).reading().orElseThrow();
  }

  private static Completion completion(String adapter, int tokensMax) {
    RecordingListener listener = new RecordingListener();
    engine.generate(
        new GenerationRequest(
            "r",
            "default",
            adapter,
            reference().messages(),
            ParityTest.TWELVE_TOKENS,
            Optional.empty(),
            Priority.INTERACTIVE,
            tokensMax),
        listener);
    return listener.completion();
  }

  private static AnswerReading read(String adapter, AnswerReading given) throws Exception {
    return read(adapter, reference().messages(), given.prompt(), given.tokens());
  }

  private static AnswerReading read(
      String adapter, List<ChatMessage> messages, Prompt prompt, int... tokens) throws Exception {
    return engine
        .read(
            new ReadingRequest(
                "r", "default", adapter, messages, prompt, tokens, Priority.BACKGROUND))
        .get(60, TimeUnit.SECONDS);
  }

  private static ReferenceCase reference() {
    return new ReferenceCase(MODEL, Shared.path(MODEL + "/adapters/sa-proj/cases/one-image"));
  }

  private record Texts(String name, Predicate<String> held) implements TokenSet {
    @Override
    public boolean holds(String text) {
      return held.test(text);
    }

    @Override
    public boolean mayBeEmpty() {
      return true;
    }
  }
}
