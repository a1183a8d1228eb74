package io.trimtab.model.text;

import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes a prompt of a conversation: chat template, tokens, and room for the pictures' embeddings.
 * Safe for use by several threads.
 */
public final class PromptBuilder {
  private final ChatTemplate template;
  private final TextTokenizer tokenizer;
  private final int imageTokenId;
  private final PositionScheme scheme;

  /**
   * A builder over a checkpoint's parts.
   *
   * @param imageTokenId the placeholder of a picture; special in that tokenizer, so that no user
   *     can write it
   */
  public PromptBuilder(
      ChatTemplate template, TextTokenizer tokenizer, int imageTokenId, PositionScheme scheme) {
    if (!tokenizer.isSpecial(imageTokenId)) {
      throw new IllegalArgumentException(
          "Expected the image token %d among the tokenizer's special ones".formatted(imageTokenId));
    }
    this.template = template;
    this.tokenizer = tokenizer;
    this.imageTokenId = imageTokenId;
    this.scheme = scheme;
  }

  /**
   * The prompt that asks for the assistant's next turn.
   *
   * @param messages the conversation; the last message is the user's
   * @param imageTokenCounts embeddings of each picture, in the order of the conversation
   * @param grids the same pictures' grids for {@link PositionScheme#GRIDDED}, else empty
   * @throws TrimtabException INVALID_ARGUMENT for a conversation that no prompt can be made of
   */
  public Prompt build(List<ChatMessage> messages, int[] imageTokenCounts, List<GridShape> grids) {
    check(messages);
    long pictures = messages.stream().flatMap(ChatMessage::pictures).count();
    if (pictures != imageTokenCounts.length) {
      throw new IllegalArgumentException(
          "%d pictures have %d token counts".formatted(pictures, imageTokenCounts.length));
    }
    int[] ids =
        tokenizer.encodePrompt(template.render(messages, GenerationPrompt.ADD, tokenizer.guard()));
    long placeholders = Arrays.stream(ids).filter(id -> id == imageTokenId).count();
    if (placeholders != pictures) {
      throw TrimtabException.invalid(
          ("The conversation has %d picture(s), but the model's chat template made %d"
                  + " placeholder(s) of it; pictures usually belong in user messages")
              .formatted(pictures, placeholders));
    }
    return expand(ids, imageTokenCounts, grids);
  }

  /**
   * A prompt of a text in which special tokens are special, that of a picture aside.
   *
   * @throws TrimtabException INVALID_ARGUMENT for a text without tokens or with the placeholder of
   *     a picture
   */
  public Prompt buildRaw(String text, TokenFrame frame) {
    return buildRaw(tokenizer.encodePrompt(ProtectedText.unguarded(text), frame));
  }

  /**
   * A prompt of these tokens, which must be the model's and none the placeholder of a picture.
   *
   * @throws TrimtabException INVALID_ARGUMENT for others, and for none
   */
  public Prompt buildRaw(int[] ids) {
    if (ids.length == 0) {
      throw TrimtabException.invalid("The prompt has no tokens, expected at least one");
    }
    for (int id : ids) {
      if (id < 0 || id >= tokenizer.vocabularySize()) {
        throw TrimtabException.invalid(
            "The prompt has the token %d, expected 0 to %d"
                .formatted(id, tokenizer.vocabularySize() - 1));
      }
      if (id == imageTokenId) {
        throw TrimtabException.invalid(
            "The prompt has the placeholder of a picture, expected none where no picture is");
      }
    }
    return expand(ids, new int[0], List.of());
  }

  /** Tokens of a text that continues a prompt, such as an answer to be scored. */
  public int[] encodeContinuation(String text) {
    int[] ids = tokenizer.encodePlain(text);
    if (ids.length == 0) {
      throw TrimtabException.invalid("The continuation is empty; expected at least one character");
    }
    return ids;
  }

  private Prompt expand(int[] ids, int[] imageTokenCounts, List<GridShape> grids) {
    int length = Math.addExact(ids.length - imageTokenCounts.length, sum(imageTokenCounts));
    int[] expanded = new int[length];
    List<Prompt.ImageSpan> spans = new ArrayList<>();
    int to = 0;
    for (int id : ids) {
      int count = 1;
      if (id == imageTokenId) {
        count = imageTokenCounts[spans.size()];
        spans.add(new Prompt.ImageSpan(to, count, spans.size()));
      }
      Arrays.fill(expanded, to, to + count, id);
      to += count;
    }
    RopePositions positions =
        switch (scheme) {
          case SEQUENTIAL -> RopePositions.sequential(length);
          case GRIDDED -> RopePositions.gridded(length, spans, grids);
        };
    return new Prompt(expanded, spans, positions);
  }

  private static int sum(int[] counts) {
    int sum = 0;
    for (int count : counts) {
      if (count < 1) {
        throw new IllegalArgumentException(
            "A picture has at least one token, got " + Arrays.toString(counts));
      }
      sum = Math.addExact(sum, count);
    }
    return sum;
  }

  private static void check(List<ChatMessage> messages) {
    if (messages.isEmpty()) {
      throw TrimtabException.invalid("The conversation is empty; expected at least one message");
    }
    for (int i = 0; i < messages.size(); i++) {
      if (messages.get(i).parts().isEmpty()) {
        throw TrimtabException.invalid(
            "Message %d of %d (%s) has no parts; expected text or a picture"
                .formatted(i + 1, messages.size(), messages.get(i).role().wireName()));
      }
    }
    ChatMessage last = messages.getLast();
    if (last.role() != Role.USER) {
      throw TrimtabException.invalid(
          "The last of %d messages is the %s's; expected the user's, which the model answers"
              .formatted(messages.size(), last.role().wireName()));
    }
    if (last.parts().stream().allMatch(PromptBuilder::isBlank)) {
      throw TrimtabException.invalid(
          "The last of %d messages is blank; expected text or a picture"
              .formatted(messages.size()));
    }
  }

  private static boolean isBlank(ContentPart part) {
    return switch (part) {
      case TextPart(String text) -> text.isBlank();
      case PicturePart ignored -> false;
    };
  }
}
