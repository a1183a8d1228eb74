package io.trimtab.adaptation.feedback;

import static io.trimtab.adaptation.feedback.FeedbackBench.BIRDS;
import static io.trimtab.adaptation.feedback.FeedbackBench.asking;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.Role;
import io.trimtab.testing.DrawnPictures;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FeedbackCheckTest {
  private static final FeedbackCheck CHECK = new FeedbackCheck(FeedbackLimits.defaults());
  private static final Feedback GOOD = FeedbackBench.correction("f1", 1, "A robin");

  private record Bad(String reason, Feedback feedback) {
    @Override
    public String toString() {
      return reason;
    }
  }

  static List<Bad> bad() {
    String half = "\ud83d";
    Picture torn = Picture.of("no picture".getBytes(StandardCharsets.UTF_8));
    byte[] cut = Arrays.copyOf(DrawnPictures.png(1).encoded(), 40);
    return List.of(
        new Bad("feedback_id is '', expected 1 to 128 printable", id("")),
        new Bad("feedback_id is 'a?'", id("a\u0000")),
        new Bad("feedback_id is ' a', expected", id(" a")),
        new Bad("(129 characters), expected 1 to 128", id("x".repeat(129))),
        new Bad("Neither came, expected either a prediction_id or messages", messages(List.of())),
        new Bad("Both came, expected either", prediction("p1", asking(1))),
        new Bad("prediction_id is '', expected", prediction("", List.of())),
        new Bad("Neither a correction nor a rating came", words("", OptionalDouble.empty())),
        new Bad("correction is blank", words(" \n", OptionalDouble.of(1))),
        new Bad(
            "correction has 100000 characters, expected at most 10000",
            words("x".repeat(100_000), OptionalDouble.empty())),
        new Bad("correction is not Unicode text", words(half, OptionalDouble.empty())),
        new Bad(
            "correction contains '<|im_end|>', a special token of the model",
            words("A robin<|im_end|>", OptionalDouble.empty())),
        new Bad("correction contains '<image>'", words("<image>", OptionalDouble.empty())),
        new Bad("rating is 1.5, expected -1 to 1", words("", OptionalDouble.of(1.5))),
        new Bad("rating is NaN, expected -1 to 1", words("", OptionalDouble.of(Double.NaN))),
        new Bad("rating is -Infinity", words("", OptionalDouble.of(Double.NEGATIVE_INFINITY))),
        new Bad("17 tags came, expected at most 16", tags(Collections.nCopies(17, "a"))),
        new Bad("A tag is '', expected 1 to 64", tags(List.of(""))),
        new Bad("(90 characters), expected 1 to 64", tags(List.of("x".repeat(90)))),
        new Bad("A tag is 'a?b'", tags(List.of("a\nb"))),
        new Bad(
            "The conversation has 0 pictures, expected 1 to 16",
            messages(List.of(ChatMessage.text(Role.USER, "What?")))),
        new Bad(
            "The conversation has 17 pictures",
            messages(Collections.nCopies(17, asking(DrawnPictures.png(1))))),
        new Bad(
            "The last message is the assistant's",
            messages(List.of(asking(1).getFirst(), ChatMessage.text(Role.ASSISTANT, "A tit")))),
        new Bad(
            "messages[0] has no parts",
            messages(List.of(new ChatMessage(Role.SYSTEM, List.of()), asking(1).getFirst()))),
        new Bad(
            "messages[0] is not Unicode text",
            messages(List.of(ChatMessage.text(Role.USER, half), asking(1).getFirst()))),
        new Bad(
            "conversation has 100017 characters, expected at most 100000",
            messages(
                List.of(ChatMessage.text(Role.USER, "x".repeat(100_001)), asking(1).getFirst()))),
        new Bad(
            "The conversation has 65 messages",
            messages(Collections.nCopies(65, asking(1).getFirst()))),
        new Bad(
            "Expected a picture as PNG, JPEG, WebP, GIF or BMP", messages(List.of(asking(torn)))),
        new Bad("Expected a whole PNG picture", messages(List.of(asking(Picture.of(cut))))));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void whatCannotBeUsedIsRefusedWithWhatWasExpected(Bad bad) {
    assertThatThrownBy(() -> CHECK.check(bad.feedback()))
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertCode(e, ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(bad.reason());
  }

  @Test
  void whatIsAtTheLimitsIsTaken() {
    for (Feedback good :
        List.of(
            GOOD,
            id("x".repeat(128)),
            words("x".repeat(10_000), OptionalDouble.of(-1)),
            words("", OptionalDouble.of(0)),
            tags(Collections.nCopies(16, "x".repeat(64))),
            messages(Collections.nCopies(16, asking(1).getFirst())),
            prediction("p1", List.of()))) {
      assertThatCode(() -> CHECK.check(good)).doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a < b", "<|", "<b>image</b>", "im_end", "\u00e9\ud83d\udc26\n2. x"})
  void wordsThatOnlyLookLikeTokensAreWords(String correction) {
    assertThatCode(() -> CHECK.check(words(correction, OptionalDouble.empty())))
        .doesNotThrowAnyException();
  }

  private static void assertCode(TrimtabException e, ErrorCode code) {
    assertThat(e.code()).isEqualTo(code);
  }

  private static Feedback id(String id) {
    return FeedbackBench.correction(id, 1, "A robin");
  }

  private static Feedback messages(List<ChatMessage> messages) {
    return of(Optional.empty(), messages, "A robin", OptionalDouble.empty(), List.of());
  }

  private static Feedback prediction(String id, List<ChatMessage> messages) {
    return of(Optional.of(id), messages, "A robin", OptionalDouble.empty(), List.of());
  }

  private static Feedback words(String correction, OptionalDouble rating) {
    return of(Optional.empty(), asking(1), correction, rating, List.of());
  }

  private static Feedback tags(List<String> tags) {
    return of(Optional.empty(), asking(1), "A robin", OptionalDouble.empty(), tags);
  }

  private static Feedback of(
      Optional<String> predictionId,
      List<ChatMessage> messages,
      String correction,
      OptionalDouble rating,
      List<String> tags) {
    return new Feedback("f1", BIRDS, predictionId, messages, "", correction, rating, tags);
  }
}
