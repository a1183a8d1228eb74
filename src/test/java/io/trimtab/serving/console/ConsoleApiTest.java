package io.trimtab.serving.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.model.Checkpoint;
import io.trimtab.testing.FakeEngine;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.Shared;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the console's pages ask of the server, asked without a browser. */
@QuarkusTest
@TestProfile(ConsoleProfile.class)
@Timeout(300)
class ConsoleApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String QUESTION =
      "{\"messages\":[{\"role\":\"user\",\"parts\":[{\"text\":\"What is it?\"}]}]%s}";

  @Inject FakeEngine engine;
  @Inject OpenStreams streams;

  @TestHTTPResource("/")
  URI server;

  @TempDir Path folder;

  private final HttpClient http = HttpClient.newHttpClient();
  private final String tenant = "t-" + UUID.randomUUID().toString().substring(0, 8);

  @AfterEach
  void close() throws InterruptedException {
    http.close();
    engine.script(FakeEngine.silent()::generate);
    while (!engine.requests().isEmpty()) {
      var _ = engine.next();
    }
    while (!engine.scorings().isEmpty()) {
      var _ = engine.nextScored();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "console/main.js",
        "console/console.css",
        "webjars/chart.js/dist/chart.umd.min.js"
      })
  void filesAreServedUnderAPolicyThatLetsNothingElseIn(String path) throws Exception {
    HttpResponse<String> answer = get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-security-policy").orElseThrow())
        .startsWith("default-src 'none'; script-src 'self'; style-src 'self'")
        .doesNotContain("unsafe", "*", "http");
    assertThat(answer.headers().firstValue("x-content-type-options")).hasValue("nosniff");
  }

  @Test
  void thePageHasNoScriptAndNoStyleOfItsOwnAndNamesNoOtherServer() throws Exception {
    assertThat(get("").body())
        .doesNotContain("style=", "<style", "onclick", "http:", "https:", "//");
    assertThat(get("").body())
        .doesNotContainPattern("<script(?![^>]* src=\"[a-z./]+\"[^>]*></script>)");
  }

  @Test
  void aMethodIsCalledForTheTenantThatIsNamed() throws Exception {
    assertThat(json(post("rpc/Inference/DescribeModel", "{}")).path("maxBatch").asInt())
        .isEqualTo(8);
    assertThat(json(get("console/api/session")).path("tenant").asText()).isEqualTo(tenant);
    assertThat(json(post("rpc/Adapters/List", "")).path("adapters")).isEmpty();
  }

  @Test
  void refusalsAreTheServicesOwnWords() throws Exception {
    refused(404, "There is no adapter", post("rpc/Adapters/Get", "{\"adapter\":\"nobody\"}"));
    refused(400, "adapter is '../x', expected", post("rpc/Adapters/Get", "{\"adapter\":\"../x\"}"));
    refused(400, "can't be read as AdapterRef", post("rpc/Adapters/Get", "{\"adopter\":\"x\"}"));
    refused(400, "can't be read as AdapterRef", post("rpc/Adapters/Get", "[["));
    refused(404, "has no method 'Fetch' of 'Adapters'", post("rpc/Adapters/Fetch", "{}"));
    refused(404, "has no method 'Check'", post("rpc/grpc.health.v1.Health/Check", "{}"));
    refused(400, "expected UNARY", post("rpc/Inference/Generate", "{}"));
    refused(400, "expected SERVER_STREAMING", post("stream/Adapters/List", "{}"));
  }

  @Test
  void whatAnotherSitesPageCanSendUnaskedIsNotTaken() throws Exception {
    HttpResponse<String> form =
        send(
            "console/api/rpc/Adapters/List",
            HttpRequest.newBuilder()
                .header("content-type", "text/plain")
                .POST(BodyPublishers.ofString("{}")));
    assertThat(form.statusCode()).isEqualTo(415);
    assertThat(form.headers().map()).doesNotContainKey("access-control-allow-origin");
  }

  @Test
  void anAnswerIsStreamedAndItsFailureIsTheLastEvent() throws Exception {
    engine.script(FakeEngine.answering("A", " wren")::generate);
    String[] events = events(post("stream/Inference/Generate", QUESTION.formatted("")).body());
    assertThat(JSON.readTree(events[0]).at("/started/servedBy/adapter").asText()).isEqualTo("base");
    // What comes while a reader is slow is joined.
    StringBuilder said = new StringBuilder();
    for (String event : events) {
      said.append(JSON.readTree(event).at("/delta/text").asText());
    }
    assertThat(said).hasToString("A wren");
    assertThat(JSON.readTree(events[events.length - 1]).at("/finished/text").asText())
        .isEqualTo("A wren");

    String[] refused = events(post("stream/Inference/Generate", "{}").body());
    assertThat(refused).hasSize(1);
    assertThat(JSON.readTree(refused[0]).at("/error/message").asText())
        .startsWith("messages is empty");
    String[] unread = events(post("stream/Inference/Generate", "{").body());
    assertThat(unread).hasSize(1);
    assertThat(JSON.readTree(unread[0]).at("/error/message").asText())
        .startsWith("The body can't be read as GenerateRequest");
  }

  @Test
  void aReaderThatLeavesEndsItsRequestInTheEngine() throws Exception {
    HttpResponse<InputStream> answer =
        http.send(
            HttpRequest.newBuilder(server.resolve("console/api/stream/Inference/Generate"))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(QUESTION.formatted("")))
                .build(),
            BodyHandlers.ofInputStream());
    FakeEngine.Taken taken = engine.next();
    taken.listener().started(FakeEngine.SERVED_BY);
    assertThat(line(answer.body())).contains("started");
    answer.body().close();
    // A connection that is closed is noticed when more is written to it.
    assertThat(taken.cancelled()).succeedsWithin(PATIENCE);
    taken.listener().finished(FakeEngine.completion("too late"));
  }

  @Test
  void theFeedTellsFiguresAndWhatHasChanged() throws Exception {
    HttpResponse<InputStream> feed =
        http.send(
            HttpRequest.newBuilder(server.resolve("console/api/feed"))
                .header("x-tenant", tenant)
                .build(),
            BodyHandlers.ofInputStream());
    BufferedReader reader = new BufferedReader(new InputStreamReader(feed.body(), UTF_8));
    JsonNode before = message(reader);
    assertThat(before.path("stamps").path("jobs").isTextual()).isTrue();
    upload("keep", "{\"adapter\":\"birds\"}");
    JsonNode after = message(reader);
    while (after.at("/stamps/adapters").equals(before.at("/stamps/adapters"))) {
      after = message(reader);
    }
    assertThat(after.at("/stamps/jobs")).isEqualTo(before.at("/stamps/jobs"));
    assertThat(after.at("/figures/running").isNumber()).isTrue();
    assertThat(streams.open()).isPositive();
    reader.close();
  }

  @Test
  void aFolderIsUploadedInPiecesAndCheckedOnlyWhenAsked() throws Exception {
    JsonNode report = upload("check", "{\"adapter\":\"birds\"}");
    assertThat(report.path("accepted").asBoolean()).isTrue();
    assertThat(json(post("rpc/Adapters/List", "{}")).path("adapters")).isEmpty();

    JsonNode revision = upload("keep", "{\"adapter\":\"birds\",\"note\":\"by hand\"}");
    assertThat(revision.path("revision").asInt()).isEqualTo(1);
    assertThat(revision.path("note").asText()).isEqualTo("by hand");
  }

  @Test
  void anUploadIsItsTenantsAloneAndEndsWithTheReason() throws Exception {
    String id = json(post("uploads", "{\"adapter\":\"birds\"}")).path("id").asText();
    HttpResponse<String> stolen =
        send(
            "console/api/uploads/" + id + "/end",
            HttpRequest.newBuilder()
                .header("x-tenant", "other")
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString("{}")));
    refused(404, "There is no upload", stolen);
    var _ = piece(id, "adapter_config.json", "{}".getBytes(UTF_8));
    refused(400, "adapter_config.json", post("uploads/" + id + "/end", "{}"));
    refused(404, "There is no upload", post("uploads/" + id + "/end", "{}"));
  }

  @Test
  void twoModelsReadOneAnswerTokenByToken() throws Exception {
    Parrot.teach(engine);
    JsonNode compared =
        json(
            post(
                "comparison?left=base&right=birds@1",
                QUESTION.formatted(",\"continuation\":\"A small brown wren on a branch.\"")));
    assertThat(compared.path("left").asText()).isEqualTo("base");
    assertThat(compared.path("right").asText()).isEqualTo("birds@1");
    JsonNode tokens = compared.path("tokens");
    assertThat(tokens).hasSize(8);
    assertThat(tokens.get(3).path("text").asText()).isEqualTo(" wren");
    assertThat(tokens.get(3).path("kl").asDouble()).isGreaterThan(1.5);
    assertThat(tokens.get(2).path("kl").asDouble()).isLessThan(1e-3);
    assertThat(engine.nextScored().request().topLogprobs()).isEqualTo(64);
    refused(400, "left, right and continuation", post("comparison?left=base", "{}"));
  }

  private JsonNode upload(String purpose, String header) throws Exception {
    try (Checkpoint base = Checkpoint.open(Shared.path("models/dinghy-llava"))) {
      PeftFolder peft = PeftFolder.random(base.config(), folder, 7, 8, Set.of("q_proj"), 0.1f);
      String id = json(post("uploads?purpose=" + purpose, header)).path("id").asText();
      assertThat(piece(id, "adapter_config.json", Files.readAllBytes(peft.config())).statusCode())
          .isEqualTo(204);
      byte[] weights = Files.readAllBytes(peft.weights());
      int half = weights.length / 2;
      var _ = piece(id, "adapter_model.safetensors", Arrays.copyOf(weights, half));
      var _ = piece(id, "", Arrays.copyOfRange(weights, half, weights.length));
      return json(post("uploads/" + id + "/end", "{}"));
    }
  }

  private HttpResponse<String> piece(String id, String path, byte[] data) throws Exception {
    return send(
        "console/api/uploads/%s/pieces?path=%s".formatted(id, path),
        HttpRequest.newBuilder()
            .header("x-tenant", tenant)
            .header("content-type", "application/octet-stream")
            .POST(BodyPublishers.ofByteArray(data)));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(path, HttpRequest.newBuilder().header("x-tenant", tenant).GET());
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    BodyPublisher published = BodyPublishers.ofString(body);
    return send(
        "console/api/" + path,
        HttpRequest.newBuilder()
            .header("x-tenant", tenant)
            .header("content-type", "application/json")
            .POST(published));
  }

  private HttpResponse<String> send(String path, HttpRequest.Builder request) throws Exception {
    return http.send(
        request.uri(server.resolve(path)).timeout(PATIENCE).build(), BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private static void refused(int status, String words, HttpResponse<String> answer)
      throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(JSON.readTree(answer.body()).at("/error/message").asText()).contains(words);
  }

  private static String[] events(String body) {
    return body.lines()
        .filter(line -> line.startsWith("data:"))
        .map(line -> line.substring(5))
        .toArray(String[]::new);
  }

  private static JsonNode message(BufferedReader reader) throws Exception {
    String line = reader.readLine();
    while (!line.startsWith("data:")) {
      line = reader.readLine();
    }
    return JSON.readTree(line.substring(5));
  }

  private static String line(InputStream body) throws Exception {
    StringBuilder line = new StringBuilder();
    for (int next = body.read(); next >= 0 && next != '\n'; next = body.read()) {
      line.append((char) next);
    }
    return line.toString();
  }
}
