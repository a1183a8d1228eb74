package io.trimtab.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.events.HttpFeedback.Brought;
import io.trimtab.events.HttpFeedback.Event;
import io.trimtab.v1.FeedbackRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpFeedbackTest {
  private static final String JSON = "application/json";
  private static final String STRUCTURED = "application/cloudevents+json";
  private static final String BATCHED = "application/cloudevents-batch+json";
  private static final Map<String, List<String>> BINARY =
      Map.of(
          "ce-specversion", List.of("1.0"),
          "ce-id", List.of("e1"),
          "ce-type", List.of(FeedbackData.TYPE),
          "ce-source", List.of("/app"));

  private final HttpFeedback reader = new HttpFeedback();

  @Test
  void feedbackWithoutAnIdHasItsEvents() {
    FeedbackRequest expected =
        FeedbackRequest.newBuilder().setFeedbackId("e1").setCorrection("wren").build();
    assertThat(reader.read(BINARY, bytes("{\"correction\":\"wren\"}")))
        .isEqualTo(new Brought.One(expected));
    assertThat(read(STRUCTURED, event("e1", "{\"correction\":\"wren\"}")))
        .isEqualTo(new Brought.One(expected));
    assertThat(read(STRUCTURED, event("e1", "{\"feedback_id\":\"f1\"}")))
        .isEqualTo(new Brought.One(FeedbackRequest.newBuilder().setFeedbackId("f1").build()));
  }

  @Test
  void theJsonAloneIsFeedbackWhateverItsType() {
    FeedbackRequest expected = FeedbackRequest.newBuilder().setCorrection("wren").build();
    for (String type : List.of(JSON, "application/json; charset=utf-8", "text/plain", "")) {
      assertThat(read(type, "{\"correction\":\"wren\",\"unknown\":1}"))
          .isEqualTo(new Brought.One(expected));
    }
  }

  @Test
  void oneBadEventOfABatchLeavesTheOthersAlone() {
    Brought brought =
        read(
            BATCHED,
            "[%s,1,%s]"
                .formatted(event("a", "{}"), event("b", "{}").replace(FeedbackData.TYPE, "x")));
    assertThat(brought)
        .isInstanceOfSatisfying(
            Brought.Batch.class,
            batch -> {
              assertThat(batch.events().getFirst())
                  .isEqualTo(
                      new Event.Usable(FeedbackRequest.newBuilder().setFeedbackId("a").build()));
              assertThat(batch.events().subList(1, 3))
                  .allSatisfy(each -> assertThat(each).isInstanceOf(Event.Unusable.class));
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "application/json | ~~ | not JSON of FeedbackRequest",
        "application/json | [1] | not JSON of FeedbackRequest",
        "application/json | {\"rating\":\"much\"} | not JSON of FeedbackRequest",
        "application/cloudevents+json | {} | not a CloudEvent",
        "application/cloudevents+json | null | expected a CloudEvent",
        "application/cloudevents+json | hello | not a CloudEvent",
        "application/cloudevents+json |"
            + " {\"specversion\":\"1.0\",\"id\":\"a\",\"type\":\"io.trimtab.feedback.v1\",\"source\":\"/a\"}"
            + " | has no data",
        "application/cloudevents+avro | x | content-type is 'application/cloudevents+avro'",
        "application/cloudevents-batch+json | {} | expected an array of 1 to 256",
        "application/cloudevents-batch+json | [] | The batch is of 0",
        "application/cloudevents-batch+json | [ | The batch is not JSON",
      })
  void whatIsNoFeedbackIsRefused(String type, String body, String expected) {
    refused(() -> read(type, body), expected);
  }

  @Test
  void boundsAndNestingAreRefused() {
    refused(() -> read(BATCHED, "[" + "{},".repeat(256) + "{}]"), "The batch is of 257");
    String deep = "[".repeat(1_000_000);
    refused(() -> read(JSON, deep), "");
    refused(() -> read(STRUCTURED, deep), "");
    refused(() -> read(BATCHED, deep), "");
    refused(() -> read(JSON, "{\"x\":" + deep), "");
    refused(() -> reader.read(Map.of(), new byte[] {'"', (byte) 0xff, '"'}), "not UTF-8");
  }

  @Test
  void anAttributeComesOnce() {
    Map<String, List<String>> twice = new HashMap<>(BINARY);
    twice.put("ce-id", List.of("a", "b"));
    refused(() -> reader.read(twice, bytes("{}")), "ce-id came 2 times");
  }

  private static void refused(Runnable call, String expected) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(expected);
  }

  private Brought read(String contentType, String body) {
    return reader.read(Map.of("Content-Type", List.of(contentType)), bytes(body));
  }

  private static String event(String id, String data) {
    return "{\"specversion\":\"1.0\",\"id\":\"%s\",\"type\":\"%s\",\"source\":\"/a\",\"data\":%s}"
        .formatted(id, FeedbackData.TYPE, data);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
