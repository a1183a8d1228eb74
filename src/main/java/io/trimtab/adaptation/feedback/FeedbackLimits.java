package io.trimtab.adaptation.feedback;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.image.PictureLimits;
import java.util.List;

/**
 * What one piece of feedback may bring, and how many are kept. All bounds are inclusive; characters
 * are UTF-16 units.
 *
 * @param idCharactersMax of feedback and prediction ids
 * @param correctionCharactersMax of a correction
 * @param textCharactersMax of a conversation, and of an answer
 * @param messagesMax turns in a conversation
 * @param picturesMin pictures in a conversation; 0 takes feedback about text alone
 * @param picturesMax pictures in a conversation
 * @param pictures what a picture may be
 * @param tagsMax tags of one feedback
 * @param tagCharactersMax characters of one tag
 * @param examplesPerAdapterMax kept of one adapter, retracted ones among them
 * @param specialTokens texts that no correction may contain: the model's special tokens. A person
 *     who means them as text is rare beside a program that pastes a model's raw output. They would
 *     do no harm: the engine reads an answer that is to be learnt as plain characters, as it does
 *     all text of users. But the model would learn to spell them out.
 */
public record FeedbackLimits(
    int idCharactersMax,
    int correctionCharactersMax,
    int textCharactersMax,
    int messagesMax,
    int picturesMin,
    int picturesMax,
    PictureLimits pictures,
    int tagsMax,
    int tagCharactersMax,
    int examplesPerAdapterMax,
    List<String> specialTokens) {
  /** Of the families that are served. */
  public static final List<String> SPECIAL_TOKENS =
      List.of(
          "<|im_start|>",
          "<|im_end|>",
          "<|endoftext|>",
          "<|vision_start|>",
          "<|vision_end|>",
          "<|vision_pad|>",
          "<|image_pad|>",
          "<|video_pad|>",
          "<image>",
          "<video>");

  public FeedbackLimits {
    specialTokens = List.copyOf(specialTokens);
    requireCount("id-characters-max", idCharactersMax);
    requireCount("correction-characters-max", correctionCharactersMax);
    requireCount("text-characters-max", textCharactersMax);
    requireCount("messages-max", messagesMax);
    requireCount("pictures-max", picturesMax);
    require(
        picturesMin >= 0 && picturesMin <= picturesMax,
        "pictures-min",
        picturesMin,
        "0 to " + picturesMax);
    require(tagsMax >= 0, "tags-max", tagsMax, "0 and above");
    requireCount("tag-characters-max", tagCharactersMax);
    requireCount("examples-per-adapter-max", examplesPerAdapterMax);
  }

  /** 128, 10,000, 100,000, 64 turns, 1 to 16 pictures, 16 tags of 64, 100,000 examples. */
  public static FeedbackLimits defaults() {
    return new FeedbackLimits(
        128, 10_000, 100_000, 64, 1, 16, PictureLimits.defaults(), 16, 64, 100_000, SPECIAL_TOKENS);
  }

  private static void requireCount(String field, int value) {
    require(value >= 1, field, value, "1 and above");
  }

  private static void require(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      throw TrimtabException.invalid(
          "trimtab.feedback.%s is %s, expected %s".formatted(field, value, expected));
    }
  }
}
