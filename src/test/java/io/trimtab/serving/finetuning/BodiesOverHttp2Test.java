package io.trimtab.serving.finetuning;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.testing.DrawnPictures;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bodies that come over HTTP/2, at once or late and in pieces, many on one connection. */
@QuarkusTest
@TestProfile(FakeTuningProfile.class)
final class BodiesOverHttp2Test {
  private static final int REQUESTS = 90;
  private static final int AT_A_TIME = 12;
  private static final String PICTURE =
      Base64.getEncoder().encodeToString(DrawnPictures.png(1).encoded());

  @TestHTTPResource("/v1/")
  URI server;

  private final String tenant = "t" + UUID.randomUUID().toString().replace("-", "");
  private final JsonMapper json = new JsonMapper();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();

  /** How a body comes. */
  enum Coming {
    AT_ONCE,
    LATE,
    IN_PIECES;

    BodyPublisher of(String body) {
      return switch (this) {
        case AT_ONCE -> BodyPublishers.ofString(body);
        case LATE -> new PiecewiseBody(body.getBytes(UTF_8), 1, Duration.ofMillis(1));
        case IN_PIECES -> new PiecewiseBody(body.getBytes(UTF_8), 5, Duration.ofMillis(1));
      };
    }
  }

  @BeforeEach
  void connect() throws Exception {
    // The client begins with HTTP/1.1 and asks for more.
    var _ = client.send(request("files").GET().build(), BodyHandlers.discarding());
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @ParameterizedTest
  @EnumSource
  void everyFeedbackIsAccepted(Coming coming) throws Exception {
    many(
        (i, request) ->
            request
                .uri(server.resolve("feedback"))
                .header("content-type", "application/json")
                .POST(
                    coming.of(
                        """
                        {"feedbackId":"%s-%d","adapter":"birds","correction":"wren","messages":[\
                        {"role":"user","parts":[{"image":{"data":"%s"}},{"text":"%s"}]}]}\
                        """
                            .formatted(coming, i, PICTURE, "What? ".repeat(200))))
                .build(),
        (i, answer) -> {
          assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
          assertThat(json(answer).path("feedback_id").asText()).isEqualTo(coming + "-" + i);
          return null;
        });
  }

  @ParameterizedTest
  @EnumSource
  void everyFileIsKeptAsItCame(Coming coming) throws Exception {
    List<Integer> lengths = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      lengths.add(lines(i).getBytes(UTF_8).length);
    }
    many(
        (i, request) ->
            request
                .uri(server.resolve("files"))
                .header("content-type", "multipart/form-data; boundary=x")
                .POST(coming.of(form(lines(i))))
                .build(),
        (i, answer) -> {
          assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
          assertThat(json(answer).path("bytes").asInt()).isEqualTo(lengths.get(i));
          return null;
        });
  }

  /** Of a file that isn't there, so that no job runs: the answer names what was read. */
  @ParameterizedTest
  @EnumSource
  void everyJobsBodyIsRead(Coming coming) throws Exception {
    many(
        (i, request) ->
            request
                .uri(server.resolve("fine_tuning/jobs"))
                .header("content-type", "application/json")
                .POST(
                    coming.of(
                        "{\"metadata\":{\"a\":\"%s\"},\"model\":\"base\",\"training_file\":\"f%d\"}"
                            .formatted("b".repeat(500), i)))
                .build(),
        (i, answer) -> {
          assertThat(answer.statusCode()).as(answer.body()).isEqualTo(404);
          assertThat(json(answer).at("/error/message").asText())
              .isEqualTo("There is no file 'f%d'".formatted(i));
          return null;
        });
  }

  @Test
  void aFormOfMoreThanIsTakenIsRefusedWhileItComes() throws Exception {
    byte[] piece = new byte[1 << 20];
    HttpResponse<String> answer =
        client.send(
            request("files")
                .header("content-type", "multipart/form-data; boundary=x")
                .POST(
                    BodyPublishers.fromPublisher(
                        BodyPublishers.ofByteArrays(Collections.nCopies(65, piece))))
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(413);
    assertThat(json(answer).at("/error/code").asText()).isEqualTo("body_too_large");
  }

  private void many(
      BiFunction<Integer, HttpRequest.Builder, HttpRequest> request,
      BiFunction<Integer, HttpResponse<String>, Void> check)
      throws InterruptedException {
    Semaphore room = new Semaphore(AT_A_TIME);
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      room.acquire();
      CompletableFuture<HttpResponse<String>> answer =
          client.sendAsync(request.apply(i, request("")), BodyHandlers.ofString());
      var _ = answer.whenComplete((_, _) -> room.release());
      answers.add(answer);
    }
    for (int i = 0; i < REQUESTS; i++) {
      HttpResponse<String> answer = answers.get(i).join();
      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
      check.apply(i, answer);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(server.resolve(path)).header("x-tenant", tenant);
  }

  private JsonNode json(HttpResponse<String> answer) {
    try {
      return json.readTree(answer.body());
    } catch (IOException e) {
      throw new IllegalStateException(answer.body(), e);
    }
  }

  private static String lines(int i) {
    return TrainingLines.line(i, "wren " + "x".repeat(i)) + "\n";
  }

  private static String form(String lines) {
    return """
    --x\r
    content-disposition: form-data; name="purpose"\r
    \r
    fine-tune\r
    --x\r
    content-disposition: form-data; name="file"; filename="a.jsonl"\r
    content-type: application/jsonl\r
    \r
    %s\r
    --x--\r
    """
        .formatted(lines);
  }
}
