package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.engine.EncodedConversation.EncodedPicture;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.testing.ReferenceCase;
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
  @ValueSource(strings = {"llava-onevision", "qwen2_5-vl"})
  void promptAnswerAndEndOfTurnFollowEachOther(String family) throws Exception {
    Engine engine = ENGINES.get("reference/" + family, OpenedEngines.options(4, 512));
    for (ReferenceCase reference : ReferenceCase.of("reference/" + family)) {
      EncodedConversation encoded =
          engine.encode("t", reference.messages(), "red").get(30, TimeUnit.SECONDS);
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
  @ValueSource(strings = {"llava-onevision", "qwen2_5-vl"})
  void whatIsTooLongIsRefusedWithBothNumbers(String family) {
    Engine engine = ENGINES.get("reference/" + family, OpenedEngines.options(4, 512));
    assertThatThrownBy(
            () ->
                engine
                    .encode("t", List.of(Question.user("What is this?")), "red ".repeat(20_000))
                    .get(30, TimeUnit.SECONDS))
        .hasMessageContaining("prompt and answer have")
        .hasMessageContaining("at most");
  }
}
