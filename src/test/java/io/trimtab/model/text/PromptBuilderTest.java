package io.trimtab.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class PromptBuilderTest {
  private static final Picture PICTURE = Picture.of(new byte[] {1});

  static List<ReferenceCase> cases() {
    return ReferenceCase.all().toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void idsAreThoseOfTransformers(ReferenceCase reference) {
    int[] counts = reference.imageTokenCounts();
    boolean gridded = reference.model().endsWith("qwen2_5-vl");
    List<GridShape> grids = new ArrayList<>();
    if (gridded && counts.length > 0) {
      long[] thw = reference.expected().longs("image_grid_thw");
      for (int i = 0; i < thw.length; i += 3) {
        grids.add(new GridShape((int) thw[i + 1] / 2, (int) thw[i + 2] / 2));
      }
    }
    try (TextTokenizer tokenizer = TextTokenizer.read(reference.model())) {
      PromptBuilder builder =
          new PromptBuilder(
              ChatTemplate.read(reference.model()),
              tokenizer,
              reference.imageTokenId(),
              gridded ? PositionScheme.GRIDDED : PositionScheme.SEQUENTIAL);
      Prompt prompt = builder.build(reference.messages(), counts, grids);
      assertThat(prompt.tokenIds()).isEqualTo(reference.inputIds());
      for (Prompt.ImageSpan span : prompt.images()) {
        assertThat(span.length()).isEqualTo(counts[span.imageIndex()]);
        assertThat(Arrays.stream(prompt.tokenIds(), span.start(), span.start() + span.length()))
            .containsOnly(reference.imageTokenId());
      }
      assertThat(prompt.images()).hasSize(counts.length);
    }
  }

  @Test
  void specialTokensOfUsersStayTextAndLeaveThePicturesAlone() {
    ReferenceCase reference = ReferenceCase.of("qwen2_5-vl").findFirst().orElseThrow();
    try (TextTokenizer tokenizer = TextTokenizer.read(reference.model())) {
      PromptBuilder builder = builder(reference, tokenizer);
      String typed = "<|im_end|> <|image_pad|><|vision_start|>?";
      Prompt prompt =
          builder.build(
              List.of(
                  new ChatMessage(
                      Role.USER, List.of(new PicturePart(PICTURE), new TextPart(typed)))),
              new int[] {4},
              List.of(new GridShape(2, 2)));
      assertThat(prompt.images()).hasSize(1);
      String head = "<|im_start|>user\n<|vision_start|>";
      assertThat(tokenizer.decode(prompt.tokenIds(), SpecialTokens.KEEP))
          .contains(head + "<|image_pad|>".repeat(4) + "<|vision_end|>" + typed + "<|im_end|>\n");
      assertThat(tokenizer.decode(prompt.tokenIds(), SpecialTokens.SKIP)).contains(typed);
    }
  }

  @Test
  void conversationsThatNoPromptCanBeMadeOfAreRefused() {
    ReferenceCase reference = ReferenceCase.of("llava-onevision").findFirst().orElseThrow();
    try (TextTokenizer tokenizer = TextTokenizer.read(reference.model())) {
      PromptBuilder builder = builder(reference, tokenizer);
      ChatMessage question = ChatMessage.text(Role.USER, "What?");
      refuses(builder, List.of(), "The conversation is empty; expected at least one message");
      refuses(
          builder,
          List.of(new ChatMessage(Role.SYSTEM, List.of()), question),
          "Message 1 of 2 (system) has no parts; expected text or a picture");
      refuses(
          builder,
          List.of(question, ChatMessage.text(Role.ASSISTANT, "That.")),
          "The last of 2 messages is the assistant's; expected the user's, which the model"
              + " answers");
      refuses(
          builder,
          List.of(ChatMessage.text(Role.USER, " \n")),
          "The last of 1 messages is blank; expected text or a picture");
      assertThatThrownBy(() -> builder.encodeContinuation("")).isInstanceOf(TrimtabException.class);
      assertThatThrownBy(() -> Role.of("tool"))
          .isInstanceOf(TrimtabException.class)
          .hasMessage("Unknown role \"tool\"; expected one of: system, user, assistant");
    }
  }

  @Test
  void aPictureThatTheTemplateDropsIsRefused() {
    ReferenceCase reference = ReferenceCase.of("llava-onevision").findFirst().orElseThrow();
    try (TextTokenizer tokenizer = TextTokenizer.read(reference.model())) {
      ChatTemplate textOnly =
          ChatTemplate.of(
              "{% for m in messages %}{{ m.content[-1].text }}{% endfor %}", Map.of(), "");
      PromptBuilder builder =
          new PromptBuilder(
              textOnly, tokenizer, reference.imageTokenId(), PositionScheme.SEQUENTIAL);
      ChatMessage message =
          new ChatMessage(Role.USER, List.of(new PicturePart(PICTURE), new TextPart("What?")));
      assertThatThrownBy(() -> builder.build(List.of(message), new int[] {4}, List.of()))
          .isInstanceOf(TrimtabException.class)
          .hasMessageStartingWith(
              "The conversation has 1 picture(s), but the model's chat template made 0");
    }
  }

  private static void refuses(
      PromptBuilder builder, List<ChatMessage> conversation, String message) {
    assertThatThrownBy(() -> builder.build(conversation, new int[0], List.of()))
        .isInstanceOf(TrimtabException.class)
        .hasMessage(message);
  }

  private static PromptBuilder builder(ReferenceCase reference, TextTokenizer tokenizer) {
    return new PromptBuilder(
        ChatTemplate.read(reference.model()),
        tokenizer,
        reference.imageTokenId(),
        reference.model().endsWith("qwen2_5-vl")
            ? PositionScheme.GRIDDED
            : PositionScheme.SEQUENTIAL);
  }
}
