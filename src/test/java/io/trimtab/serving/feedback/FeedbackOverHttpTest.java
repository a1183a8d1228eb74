package io.trimtab.serving.feedback;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.serving.finetuning.FakeTuningProfile;
import io.trimtab.testing.DrawnPictures;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Feedback by HTTP, through the broker that all feedback goes through. */
@QuarkusTest
@TestProfile(FakeTuningProfile.class)
final class FeedbackOverHttpTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String TYPE = "io.trimtab.feedback.v1";

  @TestHTTPResource("/v1/feedback")
  URI server;

  private final String tenant = "t" + UUID.randomUUID().toString().replace("-", "");
  private final JsonMapper json = new JsonMapper();

  @Test
  void theSameFeedbackInEveryModeIsCountedOnce() throws Exception {
    JsonNode receipt =
        accepted(post(request().header("content-type", "application/json"), feedback("f1")));
    assertThat(receipt.path("feedback_id").asText()).isEqualTo("f1");
    assertThat(receipt.has("partition")).isTrue();
    assertThat(receipt.has("offset")).isTrue();
    var _ =
        accepted(
            post(
                request()
                    .header("content-type", "application/json")
                    .header("ce-specversion", "1.0")
                    .header("ce-type", TYPE)
                    .header("ce-source", "/app")
                    .header("ce-id", "f1"),
                feedback("")));
    var _ =
        accepted(
            post(request().header("content-type", "application/cloudevents+json"), event("f1")));
    JsonNode summary =
        accepted(
            post(
                request().header("content-type", "application/cloudevents-batch+json"),
                "[%s,%s,{\"specversion\":\"1.0\"}]".formatted(event("f1"), event("f2"))));
    assertThat(summary.path("accepted").asText()).isEqualTo("2");
    assertThat(summary.path("errors").get(0).asText()).startsWith("event 2: ");
    assertThat(summary.path("errors")).hasSize(1);

    JsonNode adapter = awaitedStatus();
    assertThat(adapter.path("adapter").asText()).isEqualTo("birds");
    assertThat(adapter.path("dead_lettered").asText()).isEqualTo("0");
    assertThat(adapter.path("examples").asText()).isEqualTo("2");
  }

  @Test
  void whatWouldBeADeadLetterIsRefusedAtOnce() throws Exception {
    refused("", "application/json", "not JSON of FeedbackRequest");
    refused("{", "application/json", "not JSON of FeedbackRequest");
    refused(feedback("f").replace("wren", ""), "application/json", "Neither a correction");
    refused(
        event("f").replace(TYPE, "other.v1"), "application/cloudevents+json", "type is 'other.v1'");
    refused("[{},{}]", "application/cloudevents-batch+json", "not a CloudEvent");
  }

  private void refused(String body, String contentType, String expected) throws Exception {
    HttpResponse<String> answer = post(request().header("content-type", contentType), body);
    JsonNode error = json.readTree(answer.body()).path("error");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
    assertThat(error.path("message").asText()).contains(expected);
  }

  private JsonNode awaitedStatus() throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      JsonNode status = json.readTree(send(request().GET().build()).body());
      JsonNode adapter = status.path("adapters").path(0);
      if (adapter.path("examples").asInt() >= 2 && adapter.path("lag").asText().equals("0")) {
        return adapter;
      }
      assertThat(System.nanoTime()).as("%s", status).isLessThan(end);
    }
  }

  private JsonNode accepted(HttpResponse<String> answer) throws IOException {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    return json.readTree(answer.body());
  }

  private HttpRequest.Builder request() {
    return HttpRequest.newBuilder(server).header("x-tenant", tenant);
  }

  private HttpResponse<String> post(HttpRequest.Builder request, String body)
      throws IOException, InterruptedException {
    return send(request.POST(BodyPublishers.ofString(body)).build());
  }

  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, BodyHandlers.ofString());
    }
  }

  private static String event(String id) {
    return """
    {"specversion":"1.0","type":"%s","source":"/app","id":"%s","data":%s}\
    """
        .formatted(TYPE, id, feedback(id));
  }

  private static String feedback(String id) {
    return """
    {"feedbackId":"%s","adapter":"birds","correction":"wren","messages":[\
    {"role":"user","parts":[{"image":{"data":"%s"}}]}]}\
    """
        .formatted(id, Base64.getEncoder().encodeToString(DrawnPictures.png(1).encoded()));
  }
}
