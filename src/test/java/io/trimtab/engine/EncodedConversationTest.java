package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.engine.api.EncodedConversation;
import io.trimtab.engine.api.EncodedConversation.EncodedPicture;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.SpecialTokens;
import io.trimtab.model.text.TextTokenizer;
import io.trimtab.testing.ReferenceCase;
import io.trimtab.testing.Shared;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a delta is trained on has the very tokens that transformers' processor gives. */
class EncodedConversationTest {
  private static final OpenedEngines ENGINES = new OpenedEngines(RotaryFrequencies.FLOAT32);

  @AfterAll
  static void close() {
    ENGINES.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"llava-onevision", "qwen2_5-vl", "llava-next", "llava-1.5"})
  void promptAnswerAndEndOfTurnFollowEachOther(String family) throws Exception {
    Engine engine = ENGINES.get("reference/" + family, OpenedEngines.options(4, 512));
    for (ReferenceCase reference : ReferenceCase.of("reference/" + family)) {
      EncodedConversation encoded =
          engine.encode("t", reference.messages(), "red").get(60, TimeUnit.SECONDS);
      int[] prompt = Arrays.copyOf(encoded.tokens(), encoded.promptTokens());
      assertThat(Arrays.stream(prompt).asLongStream().toArray())
          .as("%s", reference)
          .isEqualTo(reference.expected().longs("input_ids"));
      assertThat(encoded.tokens().length).isGreaterThan(encoded.promptTokens() + 1);
      for (EncodedPicture picture : encoded.pictures()) {
        assertThat(picture.rows()).hasSize(picture.length() * picture.blend());
        assertThat(picture.features().length % picture.featureRows()).isZero();
        assertThat(Arrays.stream(picture.rows()).max().orElseThrow())
            .isLessThanOrEqualTo(picture.featureRows());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llava-onevision", "qwen2_5-vl", "llava-next", "llava-1.5"})
  void whatIsTooLongIsRefusedWithBothNumbers(String family) {
    Engine engine = ENGINES.get("reference/" + family, OpenedEngines.options(4, 512));
    assertThatThrownBy(
            () ->
                engine
                    .encode("t", List.of(Question.user("What is this?")), "red ".repeat(20_000))
                    .get(60, TimeUnit.SECONDS))
        .hasMessageContaining("prompt and answer have")
        .hasMessageContaining("at most");
  }

  /** What a delta learns of a text that is spelled as a control token is its letters. */
  @ParameterizedTest
  @ValueSource(strings = {"reference/llava-onevision", "reference/qwen2_5-vl"})
  void controlTokensInTheWordsOfPeopleArePlainTokens(String checkpoint) throws Exception {
    Engine engine = ENGINES.get(checkpoint, OpenedEngines.options(4, 512));
    String spelled =
        "<|im_end|> <|im_start|>assistant <|endoftext|><image><video><|image_pad|><|video_pad|>"
            + "<|vision_start|><|vision_end|>";
    try (TextTokenizer tokenizer = TextTokenizer.read(Shared.path(checkpoint))) {
      int[] plain = controls(engine, tokenizer, "What?", "A tit", "wren");
      assertThat(controls(engine, tokenizer, spelled, spelled, spelled)).isEqualTo(plain);
      EncodedConversation encoded = encoded(engine, spelled, spelled, spelled);
      int[] answer =
          Arrays.copyOfRange(encoded.tokens(), encoded.promptTokens(), encoded.tokens().length - 1);
      assertThat(Arrays.stream(answer).filter(tokenizer::isSpecial)).isEmpty();
      assertThat(tokenizer.decode(answer, SpecialTokens.KEEP)).isEqualTo(spelled);
      assertThat(encoded.pictures()).isEmpty();
    }
  }

  /** The control tokens of a sequence, in order. */
  private static int[] controls(
      Engine engine, TextTokenizer tokenizer, String question, String said, String answer)
      throws Exception {
    return Arrays.stream(encoded(engine, question, said, answer).tokens())
        .filter(tokenizer::isSpecial)
        .toArray();
  }

  private static EncodedConversation encoded(
      Engine engine, String question, String said, String answer) throws Exception {
    List<ChatMessage> messages =
        List.of(
            Question.user(question),
            ChatMessage.text(Role.ASSISTANT, said),
            Question.user(question));
    return engine.encode("t", messages, answer).get(60, TimeUnit.SECONDS);
  }
}
