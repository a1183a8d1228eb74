package io.trimtab.adaptation.feedback;

import io.trimtab.error.PlainText;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.image.PictureDecoder;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * Whether a piece of feedback can be used, by itself: the same at the edge, so that a caller learns
 * at once, and where it is kept. Refusals are INVALID_ARGUMENT, with what was expected and what
 * came. Decodes the pictures, which takes milliseconds each. Any thread.
 */
public final class FeedbackCheck {
  private static final Pattern ID = Pattern.compile("[\\x21-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?");

  private final FeedbackLimits limits;
  private final PictureDecoder decoder;

  public FeedbackCheck(FeedbackLimits limits) {
    this.limits = limits;
    this.decoder = new PictureDecoder(limits.pictures());
  }

  /**
   * Refuses feedback that can't be used, whatever is known besides it.
   *
   * @throws TrimtabException INVALID_ARGUMENT; UNAVAILABLE for a WebP without libwebp
   */
  public void check(Feedback feedback) {
    checkId("feedback_id", feedback.id());
    checkSource(feedback);
    checkWords(feedback);
    checkRating(feedback);
    checkTags(feedback.tags());
    if (feedback.predictionId().isEmpty()) {
      checkConversation(feedback.messages());
    }
  }

  /** Refuses an id that no line should be named by. */
  public void checkId(String field, String id) {
    if (id.length() > limits.idCharactersMax() || !ID.matcher(id).matches()) {
      throw TrimtabException.invalid(
          "%s is %s, expected 1 to %d printable ASCII characters without spaces around them"
              .formatted(field, Quoted.of(id), limits.idCharactersMax()));
    }
  }

  /** Refuses a conversation of the wrong number of pictures. */
  void checkPictures(long count) {
    if (count < limits.picturesMin() || count > limits.picturesMax()) {
      throw TrimtabException.invalid(
          "The conversation has %d pictures, expected %d to %d"
              .formatted(count, limits.picturesMin(), limits.picturesMax()));
    }
  }

  private void checkSource(Feedback feedback) {
    boolean prediction = feedback.predictionId().isPresent();
    boolean conversation = !feedback.messages().isEmpty();
    if (prediction == conversation) {
      throw TrimtabException.invalid(
          "%s came, expected either a prediction_id or messages"
              .formatted(prediction ? "Both" : "Neither"));
    }
    feedback.predictionId().ifPresent(id -> checkId("prediction_id", id));
  }

  private void checkWords(Feedback feedback) {
    String correction = feedback.correction();
    if (correction.isEmpty() && feedback.rating().isEmpty()) {
      throw TrimtabException.invalid(
          "Neither a correction nor a rating came, expected one or both");
    }
    if (!correction.isEmpty() && correction.isBlank()) {
      throw TrimtabException.invalid(
          "correction is blank, expected what the model should have said");
    }
    requireAtMost(limits.correctionCharactersMax(), correction.length(), "correction");
    requireUnicode("correction", correction);
    for (String token : limits.specialTokens()) {
      if (correction.contains(token)) {
        throw TrimtabException.invalid(
            "correction contains %s, a special token of the model; expected the text alone"
                .formatted(Quoted.of(token)));
      }
    }
    requireUnicode("answer", feedback.answer());
    requireAtMost(limits.textCharactersMax(), feedback.answer().length(), "answer");
  }

  private static void checkRating(Feedback feedback) {
    OptionalDouble rating = feedback.rating();
    // Written so that NaN is refused as well.
    if (rating.isPresent() && !(Math.abs(rating.getAsDouble()) <= 1)) {
      throw TrimtabException.invalid(
          "rating is %s, expected -1 to 1".formatted(rating.getAsDouble()));
    }
  }

  private void checkTags(List<String> tags) {
    if (tags.size() > limits.tagsMax()) {
      throw TrimtabException.invalid(
          "%d tags came, expected at most %d".formatted(tags.size(), limits.tagsMax()));
    }
    for (String tag : tags) {
      if (tag.isBlank() || tag.length() > limits.tagCharactersMax() || !PlainText.is(tag)) {
        throw TrimtabException.invalid(
            "A tag is %s, expected 1 to %d characters that show themselves"
                .formatted(Quoted.of(tag), limits.tagCharactersMax()));
      }
    }
  }

  private void checkConversation(List<ChatMessage> messages) {
    if (messages.size() > limits.messagesMax()) {
      throw TrimtabException.invalid(
          "The conversation has %d messages, expected at most %d"
              .formatted(messages.size(), limits.messagesMax()));
    }
    if (messages.getLast().role() != Role.USER) {
      throw TrimtabException.invalid(
          "The last message is the %s's, expected the user's, which was answered; the answer goes"
                  .formatted(messages.getLast().role().wireName())
              + " into the field 'answer'");
    }
    long characters = 0;
    for (int i = 0; i < messages.size(); i++) {
      if (messages.get(i).parts().isEmpty()) {
        throw TrimtabException.invalid(
            "messages[%d] has no parts, expected text or a picture".formatted(i));
      }
      for (ContentPart part : messages.get(i).parts()) {
        if (part instanceof TextPart(String text)) {
          requireUnicode("messages[%d]".formatted(i), text);
          characters += text.length();
        }
      }
    }
    requireAtMost(limits.textCharactersMax(), characters, "conversation");
    checkPictures(messages.stream().flatMap(ChatMessage::pictures).count());
    messages.stream()
        .flatMap(ChatMessage::pictures)
        .distinct()
        .forEach(picture -> decoder.decode(picture.encoded()));
  }

  private static void requireAtMost(int max, long characters, String what) {
    if (characters > max) {
      throw TrimtabException.invalid(
          "%s has %d characters, expected at most %d".formatted(what, characters, max));
    }
  }

  /** Half of a surrogate pair has no UTF-8. */
  private static void requireUnicode(String what, String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw TrimtabException.invalid("%s is not Unicode text".formatted(what));
    }
  }
}
