package io.trimtab.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adapter.AdapterId;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class FeedbackBytesTest {
  @Test
  void allThatWaitsForTheBrokerCounts() {
    long least = KafkaFeedbackLog.bytes(feedback("", "", List.of(), List.of()));
    assertThat(least).as("of nothing at all").isEqualTo(1024);
    List<ContentPart> parts =
        List.of(new PicturePart(Picture.of(new byte[3_000])), new TextPart("q".repeat(500)));
    assertThat(
            KafkaFeedbackLog.bytes(
                feedback("a".repeat(20), "c".repeat(30), parts, List.of("t".repeat(7), "t"))))
        .isEqualTo(1024 + 20 + 30 + 3_000 + 500 + 8);
  }

  private static Feedback feedback(
      String answer, String correction, List<ContentPart> parts, List<String> tags) {
    return new Feedback(
        "f",
        new AdapterId("t", "birds"),
        Optional.empty(),
        parts.isEmpty() ? List.of() : List.of(new ChatMessage(Role.USER, parts)),
        answer,
        correction,
        OptionalDouble.empty(),
        tags);
  }
}
