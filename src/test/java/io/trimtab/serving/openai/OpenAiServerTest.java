package io.trimtab.serving.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.RateLimitException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.RawPrompt;
import io.trimtab.engine.api.ResponseFormat;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TokenFrame;
import io.trimtab.serving.FakeEngineProfile;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.testing.FakeEngine;
import io.trimtab.testing.NodeScript;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The OpenAI-compatible edge inside Quarkus, byte for byte; the engine plays scripts. */
@QuarkusTest
@TestProfile(FakeEngineProfile.class)
final class OpenAiServerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TestHTTPResource("/")
  URI server;

  @Inject FakeEngine engine;
  @Inject AdapterRegistry registry;

  private RawHttp http;

  @BeforeEach
  void connect() {
    http = new RawHttp(server);
    engine.script(FakeEngine.silent()::generate);
    while (!engine.requests().isEmpty()) {
      forget();
    }
  }

  private void forget() {
    try {
      var _ = engine.next();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void wholeAnswerHasOpenAisShape() throws Exception {
    engine.script(FakeEngine.answering("Blue", " sky")::generate);
    HttpResponse<String> answer = http.post(RawHttp.CHAT, question(""));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type").orElse("")).contains("application/json");
    assertThat(answer.headers().firstValue(Answers.SERVED_BY)).contains("base");
    assertThat(answer.headers().firstValue(Answers.SCALE)).contains("1.0");
    JsonNode json = JSON.readTree(answer.body());
    assertThat(json.path("object").asText()).isEqualTo("chat.completion");
    assertThat(json.path("model").asText()).isEqualTo("base");
    assertThat(json.path("system_fingerprint").asText()).isEqualTo("0".repeat(64));
    assertThat(json.path("id").asText()).hasSize(36);
    assertThat(json.path("choices").toString())
        .isEqualTo(
            "[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Blue sky\","
                + "\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}]");
    assertThat(json.path("usage").toString())
        .isEqualTo(
            "{\"prompt_tokens\":12,\"completion_tokens\":2,\"total_tokens\":14,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":3,\"image_tokens\":9}}");
  }

  @Test
  void streamIsTheseBytes() throws Exception {
    engine.script(FakeEngine.answering("Blue \"sky\"\n")::generate);
    HttpResponse<String> answer =
        http.post(
            RawHttp.CHAT,
            question(", \"stream\": true, \"stream_options\": {\"include_usage\": true}"));

    assertThat(answer.headers().firstValue("content-type").orElse(""))
        .startsWith("text/event-stream");
    String id =
        JSON.readTree(answer.body().substring(6, answer.body().indexOf('\n'))).path("id").asText();
    String created =
        JSON.readTree(answer.body().substring(6, answer.body().indexOf('\n')))
            .path("created")
            .asText();
    String head =
        ("data: {\"id\":\"%s\",\"object\":\"chat.completion.chunk\",\"created\":%s,"
                + "\"model\":\"base\",\"system_fingerprint\":\"%s\",\"choices\":[")
            .formatted(id, created, "0".repeat(64));
    assertThat(answer.body())
        .isEqualTo(
            head
                + "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
                + "\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n"
                + head
                + "{\"index\":0,\"delta\":{\"content\":\"Blue \\\"sky\\\"\\n\"},"
                + "\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n"
                + head
                + "{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
                + "\"usage\":null}\n\n"
                + head
                + "],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":2,\"total_tokens\":14,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":3,\"image_tokens\":9}}}\n\n"
                + "data: [DONE]\n\n");
  }

  @Test
  void usageIsStreamedToThoseAloneWhoAsk() throws Exception {
    engine.script(FakeEngine.answering("Blue")::generate);
    assertThat(http.post(RawHttp.CHAT, question(", \"stream\": true")).body())
        .doesNotContain("usage")
        .endsWith("data: [DONE]\n\n");
  }

  @Test
  void requestIsReadAsTheEngineTakesIt() throws Exception {
    Picture picture = DrawnPictures.png(7);
    registry.create(new AdapterId("acme", "birds"));
    engine.script(FakeEngine.answering("Blue")::generate);
    HttpResponse<String> answer =
        http.send(
            http.to(RawHttp.CHAT)
                .header("content-type", "application/json")
                .header("x-tenant", "acme")
                .header("x-request-id", "mine")
                .POST(
                    BodyPublishers.ofString(
                        """
                        {"model": "birds@3", "user": "u", "messages": [
                          {"role": "developer", "content": "Be brief."},
                          {"role": "user", "content": [
                            {"type": "image_url", "image_url": {"url": "%s", "detail": "low"}},
                            {"type": "text", "text": "What is it?"}]}],
                         "max_completion_tokens": 7, "temperature": 0.5, "top_p": 0.9, "seed": 11,
                         "stop": "\\n", "logit_bias": {"5": -100}, "top_k": -1, "min_tokens": 1,
                         "logprobs": true, "top_logprobs": 2, "something_new": {"a": [1]}}
                        """
                            .formatted(RawHttp.dataUrl(picture)))));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("x-request-id")).contains("mine");
    GenerationRequest request = engine.next().request();
    assertThat(request.tenant()).isEqualTo("acme");
    assertThat(request.requestId()).isEqualTo("mine");
    assertThat(request.adapter()).isEqualTo("birds@3");
    assertThat(request.messages()).hasSize(2);
    assertThat(request.messages().getFirst().role()).isEqualTo(Role.SYSTEM);
    assertThat(request.messages().getLast().pictures()).containsExactly(picture);
    assertThat(request.sampling().maxTokens()).isEqualTo(7);
    assertThat(request.sampling().temperature()).isEqualTo(0.5f);
    assertThat(request.sampling().topP()).isEqualTo(0.9f);
    assertThat(request.sampling().topK()).isZero();
    assertThat(request.sampling().seed()).hasValue(11);
    assertThat(request.sampling().stop()).containsExactly("\n");
    assertThat(request.sampling().logitBias()).containsEntry(5, -100f);
    assertThat(request.sampling().minTokens()).isEqualTo(1);
    assertThat(request.sampling().topLogprobs()).isEqualTo(2);
  }

  @Test
  void temperatureIsOpenAisWhereNobodySaysOtherwise() throws Exception {
    engine.script(FakeEngine.answering("Blue")::generate);
    assertThat(http.post(RawHttp.CHAT, question("")).statusCode()).isEqualTo(200);
    assertThat(engine.next().request().sampling().temperature()).isEqualTo(1);
  }

  @Test
  void clientThatGoesCancelsInTheEngine() throws Exception {
    HttpResponse<InputStream> answer;
    var opening =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return http.open(RawHttp.CHAT, question(", \"stream\": true"));
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    FakeEngine.Taken taken = engine.next();
    taken.listener().started(FakeEngine.SERVED_BY);
    taken.listener().delta("Blue", List.of());
    answer = opening.get();
    byte[] first = answer.body().readNBytes(20);
    assertThat(new String(first, StandardCharsets.UTF_8)).startsWith("data: {");
    assertThat(taken.cancelled()).isNotDone();
    answer.body().close();

    assertThat(taken.cancelled()).succeedsWithin(PATIENCE);
    taken.listener().delta("sky", List.of());
    taken.listener().finished(FakeEngine.completion("Blue sky"));
  }

  @Test
  void failureInTheMiddleIsAnEventOfTheStream() throws Exception {
    engine.script(
        (request, listener) -> {
          listener.started(FakeEngine.SERVED_BY);
          listener.delta("Blue", List.of());
          listener.failed(new TrimtabException(ErrorCode.UNAVAILABLE, "stopping"));
        });
    HttpResponse<String> answer = http.post(RawHttp.CHAT, question(", \"stream\": true"));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .contains("Blue")
        .endsWith(
            "data: {\"error\":{\"message\":\"stopping\",\"type\":\"server_error\","
                + "\"param\":null,\"code\":\"unavailable\"}}\n\ndata: [DONE]\n\n");
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void failureBeforeTheBeginHasAStatus(boolean stream) throws Exception {
    engine.script(
        (request, listener) ->
            listener.failed(TrimtabException.invalid("The prompt has 9000 tokens")));
    HttpResponse<String> answer = http.post(RawHttp.CHAT, question(", \"stream\": " + stream));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body())
        .isEqualTo(
            "{\"error\":{\"message\":\"The prompt has 9000 tokens\",\"type\":"
                + "\"invalid_request_error\",\"param\":\"messages\",\"code\":\"invalid_value\"}}");
  }

  @Test
  void formOfTheAnswerReachesTheEngine() throws Exception {
    engine.script(FakeEngine.answering("{}")::generate);
    assertThat(
            http.post(RawHttp.CHAT, question(", \"response_format\": {\"type\": \"json_object\"}"))
                .statusCode())
        .isEqualTo(200);
    assertThat(engine.next().request().format()).isEqualTo(new ResponseFormat.JsonObject());
    engine.script(
        (request, listener) ->
            listener.failed(
                TrimtabException.invalid("response_format: The schema admits nothing")));
    HttpResponse<String> answer =
        http.post(
            RawHttp.CHAT,
            question(
                ", \"response_format\": {\"type\": \"json_schema\", \"json_schema\":"
                    + " {\"name\": \"a\", \"schema\": {\"type\": \"null\"}}}"));
    assertThat(engine.next().request().format())
        .isEqualTo(new ResponseFormat.JsonSchema("{\"type\":\"null\"}"));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(error(answer).path("param").asText()).isEqualTo("response_format");
  }

  @Test
  void whatTheEngineAloneCanCheckIsRefusedByItsField() throws Exception {
    engine.script(
        (request, listener) ->
            listener.failed(TrimtabException.invalid("logit_bias names token 9, expected 0 to 8")));
    HttpResponse<String> answer = http.post(RawHttp.CHAT, question(", \"logit_bias\": {\"9\": 1}"));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(error(answer).path("param").asText()).isEqualTo("logit_bias");
  }

  @Test
  void fullQueueIsARateLimit() throws Exception {
    engine.script(
        (request, listener) -> {
          throw new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "The queue is full");
        });
    HttpResponse<String> answer = http.post(RawHttp.CHAT, question(""));
    assertThat(answer.statusCode()).isEqualTo(429);
    assertThat(answer.headers().firstValue("retry-after")).contains("1");
    assertThat(error(answer).path("code").asText()).isEqualTo("rate_limit_exceeded");
  }

  @Test
  void fullQueueIsTheClientsRateLimit() {
    engine.script(
        (request, listener) -> {
          throw new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "The queue is full");
        });
    OpenAIClient client =
        OpenAIOkHttpClient.builder()
            .baseUrl(server.resolve("v1").toString())
            .apiKey("any")
            .maxRetries(0)
            .build();
    RateLimitException refusal =
        catchThrowableOfType(
            RateLimitException.class,
            () ->
                client
                    .chat()
                    .completions()
                    .create(
                        ChatCompletionCreateParams.builder()
                            .model("base")
                            .addUserMessage("Color?")
                            .build()));
    client.close();
    assertThat(refusal.code()).contains("rate_limit_exceeded");
    assertThat(refusal.headers().values("retry-after")).containsExactly("1");
  }

  @Test
  void fullQueueIsNodesClientsRateLimit() throws Exception {
    engine.script(
        (request, listener) -> {
          throw new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "The queue is full");
        });
    assertThat(NodeScript.run("refusal.mjs", server.resolve("v1").toString(), "any"))
        .isEqualTo("RateLimitError 429 rate_limit_exceeded");
  }

  @Test
  void logprobsOfTokensAreListed() throws Exception {
    engine.script(
        (request, listener) -> {
          listener.started(FakeEngine.SERVED_BY);
          listener.delta(
              "é",
              List.of(
                  new TokenLogprob(
                      'é',
                      "é",
                      -0.5f,
                      List.of(
                          new TokenLogprob('é', "é", -0.5f, List.of()),
                          new TokenLogprob('e', "e", Float.NEGATIVE_INFINITY, List.of())))));
          listener.finished(FakeEngine.completion("é"));
        });
    HttpResponse<String> answer =
        http.post(RawHttp.CHAT, question(", \"logprobs\": true, \"top_logprobs\": 2"));
    assertThat(JSON.readTree(answer.body()).path("choices").get(0).path("logprobs").toString())
        .isEqualTo(
            "{\"content\":[{\"token\":\"é\",\"logprob\":-0.5,\"bytes\":[195,169],\"top_logprobs\":"
                + "[{\"token\":\"é\",\"logprob\":-0.5,\"bytes\":[195,169]},"
                + "{\"token\":\"e\",\"logprob\":-9999.0,\"bytes\":[101]}]}],\"refusal\":null}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // body | param | words
        "[] | | expected a JSON object",
        "{\"messages\": | | can't be read",
        "{} trailing | | can't be read",
        "{} | messages | messages is empty",
        "{\"messages\": 3} | messages | messages is 3, expected an array",
        "{\"messages\": [3]} | messages[0] | expected an object",
        "{\"messages\": [{\"role\": \"bird\", \"content\": \"a\"}]} | messages[0].role | 'bird'",
        "{\"messages\": [{\"role\": \"user\"}]} | messages[0].content | is null, expected a text",
        "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"input_audio\"}]}]}"
            + " | messages[0].content[0].type | 'input_audio', expected text or image_url",
        "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\","
            + " \"image_url\": {\"url\": \"data:image/png;base64,%%\"}}]}]}"
            + " | messages[0].content[0].image_url.url | is not base64",
        "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\","
            + " \"image_url\": {\"url\": \"http://localhost/a.png\"}}]}]}"
            + " | messages[0].content[0].image_url.url | does not fetch",
        "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\","
            + " \"image_url\": {\"url\": \"file:///etc/passwd\"}}]}]}"
            + " | messages[0].content[0].image_url.url | expected a data URL",
        "{\"model\": 3} | model | model is 3, expected a text",
        "{\"n\": 2} | n | n is 2, expected 1",
        "{\"tools\": [{}]} | tools | tools is not supported",
        "{\"functions\": [{}]} | functions | functions is not supported",
        "{\"guided_json\": {}} | guided_json | expected response_format",
        "{\"temperature\": \"hot\"} | temperature | temperature is a text, expected a number",
        "{\"temperature\": -1} | temperature | temperature is -1.0, expected 0 and above",
        "{\"top_p\": 2} | top_p | top_p is 2.0",
        "{\"max_tokens\": 0} | max_tokens | max_tokens is 0, expected 1 and above",
        "{\"max_completion_tokens\": -4} | max_completion_tokens | expected 1 and above",
        "{\"max_tokens\": 1.5} | max_tokens | expected a whole number",
        "{\"max_tokens\": 1e30} | max_tokens | expected a whole number",
        "{\"seed\": 99999999999999999999999} | seed | expected a whole number",
        "{\"stop\": {}} | stop | expected an array",
        "{\"stop\": [1]} | stop[0] | expected a text",
        "{\"stop\": [\"\"]} | stop | not empty",
        "{\"logit_bias\": {\"a\": 1}} | logit_bias | expected token ids",
        "{\"top_logprobs\": 3} | top_logprobs | expected logprobs to be true",
        "{\"logprobs\": 3} | logprobs | expected true or false",
        "{\"logprobs\": true, \"top_logprobs\": 65} | top_logprobs | expected 0 to 64",
        "{\"logprobs\": true, \"top_logprobs\": 64, \"max_tokens\": 120000} | top_logprobs"
            + " | at most 1048576 with 120000 tokens",
        "{\"stream\": \"yes\"} | stream | expected true or false",
        "{\"response_format\": {\"type\": \"xml\"}} | response_format.type | 'xml'",
        "{\"response_format\": {\"type\": \"json_schema\"}} | response_format.json_schema"
            + " | is missing",
      })
  void badBodyIsRefusedByItsField(String body, String param, String words) throws Exception {
    HttpResponse<String> answer =
        http.post(
            RawHttp.CHAT,
            body.startsWith("{\"messages") || body.length() < 3 || !body.endsWith("}")
                ? body
                : question(", " + body.substring(1, body.length() - 1)));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    JsonNode error = error(answer);
    assertThat(error.path("message").asText()).contains(words);
    assertThat(error.path("param").isNull() ? null : error.path("param").asText()).isEqualTo(param);
    assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
    assertThat(error.path("code").asText()).isEqualTo("invalid_value");
    assertThat(engine.requests()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"GPT 4", "../x", "nobody@0"})
  void modelThatCanBeNoneIsNotFound(String model) throws Exception {
    HttpResponse<String> answer =
        http.post(RawHttp.CHAT, question("").replace("\"base\"", "\"" + model + "\""));
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(error(answer).toString())
        .isEqualTo(
            ("{\"message\":\"The model '%s' does not exist.\",\"type\":\"NotFoundError\","
                    + "\"param\":\"model\",\"code\":\"model_not_found\"}")
                .formatted(model));
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://elsewhere.example", "null", "http://localhost:1", "::"})
  void pageOfAnotherSiteChangesNothing(String origin) throws Exception {
    HttpResponse<String> answer =
        http.send(
            http.to("v1/feedback")
                .header("origin", origin)
                .header("content-type", "text/plain")
                .POST(BodyPublishers.ofString("{}")));
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(error(answer).path("message").asText()).contains("another site");
  }

  @Test
  void pageOfThisServerAndReadersMayCall() throws Exception {
    HttpResponse<String> own =
        http.send(
            http.to("v1/feedback")
                .header("origin", "http://" + server.getAuthority())
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString("{}")));
    assertThat(own.statusCode()).isEqualTo(400);
    HttpResponse<String> reader =
        http.send(http.to("v1/models").header("origin", "https://elsewhere.example"));
    assertThat(reader.statusCode()).isEqualTo(200);
  }

  /** A name that was pointed at this machine after its page was loaded. */
  @Test
  void callByAnotherNameIsRefused() throws Exception {
    assertThat(statusWithHost("rebound.example")).isEqualTo("HTTP/1.1 403 Forbidden");
    assertThat(statusWithHost("localhost.example")).isEqualTo("HTTP/1.1 403 Forbidden");
    assertThat(statusWithHost("re_bound.example")).isEqualTo("HTTP/1.1 403 Forbidden");
    assertThat(statusWithHost("127.0.0.1")).isEqualTo("HTTP/1.1 200 OK");
    assertThat(statusWithHost("[::1]")).isEqualTo("HTTP/1.1 200 OK");
  }

  private String statusWithHost(String host) throws IOException {
    try (Socket client = new Socket("localhost", server.getPort())) {
      client
          .getOutputStream()
          .write(
              "GET /v1/models HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n\r\n"
                  .formatted(host, server.getPort())
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void whatNoEndpointTakesIsToldInOpenAisShape() throws Exception {
    HttpResponse<String> path = http.send(http.to("v1/nothing"));
    assertThat(path.statusCode()).isEqualTo(404);
    assertThat(error(path).path("message").asText()).isNotEmpty();
    HttpResponse<String> method = http.send(http.to(RawHttp.CHAT));
    assertThat(method.statusCode()).isEqualTo(405);
    assertThat(error(method).path("type").asText()).isEqualTo("invalid_request_error");
    HttpResponse<String> type =
        http.send(
            http.to(RawHttp.CHAT)
                .header("content-type", "text/plain")
                .POST(BodyPublishers.ofString("hi")));
    assertThat(type.statusCode()).isEqualTo(415);
    assertThat(error(type).path("type").asText()).isEqualTo("invalid_request_error");
    HttpResponse<String> tenant =
        http.send(
            http.to(RawHttp.CHAT)
                .header("content-type", "application/json")
                .header("x-tenant", "No Body")
                .POST(BodyPublishers.ofString(question(""))));
    assertThat(tenant.statusCode()).isEqualTo(400);
    assertThat(error(tenant).path("message").asText()).contains("x-tenant");
  }

  @Test
  void clientOfAWholeAnswerThatGoesCancelsInTheEngine() throws Exception {
    CompletableFuture<?> asking =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .build()
            .sendAsync(
                new RawHttp(server).request(RawHttp.CHAT, question("")), BodyHandlers.ofString());
    FakeEngine.Taken taken = engine.next();
    asking.cancel(true);
    assertThat(taken.cancelled()).succeedsWithin(PATIENCE);
    taken.listener().started(FakeEngine.SERVED_BY);
    taken.listener().finished(FakeEngine.completion("too late"));
  }

  @Test
  void clientThatReadsNothingIsCutOff() throws Exception {
    try (Socket client = new Socket("localhost", server.getPort())) {
      client.setReceiveBufferSize(4096);
      byte[] body = question(", \"stream\": true").getBytes(StandardCharsets.UTF_8);
      client
          .getOutputStream()
          .write(
              ("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                      + "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n")
                  .formatted(body.length)
                  .getBytes(StandardCharsets.US_ASCII));
      client.getOutputStream().write(body);
      FakeEngine.Taken taken = engine.next();
      taken.listener().started(FakeEngine.SERVED_BY);
      String piece = "x".repeat(10_000);
      // What the kernel takes, and then the bound; a hundred times as much is not held by anyone.
      for (int i = 0; i < 20_000 && !taken.cancelled().isDone(); i++) {
        taken.listener().delta(piece, List.of());
      }
      assertThat(taken.cancelled()).succeedsWithin(PATIENCE);
      taken.listener().finished(FakeEngine.completion("too late"));
    }
  }

  @Test
  void bodyThatIsTooLargeIsRefused() throws Exception {
    byte[] piece = " ".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
    HttpRequest.Builder announced =
        http.to(RawHttp.CHAT)
            .version(HttpClient.Version.HTTP_1_1)
            .header("content-type", "application/json")
            .expectContinue(true)
            .POST(
                BodyPublishers.fromPublisher(
                    BodyPublishers.ofByteArrays(() -> Collections.nCopies(65, piece).iterator()),
                    65L << 20));
    HttpResponse<String> answer = http.send(announced);
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(error(answer).path("code").asText()).isEqualTo("body_too_large");
    assertThat(error(answer).path("message").asText()).contains("at most");

    HttpRequest.Builder unannounced =
        http.to(RawHttp.CHAT)
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofByteArrays(() -> Collections.nCopies(65, piece).iterator()));
    assertThat(http.send(unannounced).statusCode()).isEqualTo(413);
    assertThat(engine.requests()).isEmpty();
  }

  @Test
  void completionHasOpenAisShape() throws Exception {
    engine.script(
        (request, listener) -> {
          listener.started(FakeEngine.SERVED_BY);
          listener.delta(
              "Blue",
              List.of(
                  new TokenLogprob(
                      1, "Blue", -0.5f, List.of(new TokenLogprob(1, "Blue", -0.5f, List.of())))));
          listener.delta(" sky", List.of(new TokenLogprob(2, " sky", -1, List.of())));
          listener.finished(FakeEngine.completion("Blue sky"));
        });
    JsonNode answer =
        JSON.readTree(http.post("v1/completions", "{\"prompt\": \"A\", \"logprobs\": 1}").body());
    assertThat(answer.path("object").asText()).isEqualTo("text_completion");
    assertThat(answer.path("choices").toString())
        .isEqualTo(
            "[{\"index\":0,\"text\":\"Blue sky\",\"logprobs\":{\"tokens\":[\"Blue\",\" sky\"],"
                + "\"token_logprobs\":[-0.5,-1.0],\"top_logprobs\":[{\"Blue\":-0.5},{}],"
                + "\"text_offset\":[0,4]},\"finish_reason\":\"stop\"}]");
    GenerationRequest request = engine.next().request();
    assertThat(request.messages()).isEmpty();
    assertThat(request.rawPrompt()).contains(new RawPrompt.Text("A", TokenFrame.ADD));
    assertThat(request.sampling().maxTokens()).isEqualTo(16);

    assertThat(http.post("v1/completions", "{\"prompt\": [[5, 6]], \"stream\": true}").body())
        .contains("\"object\":\"text_completion\"", "\"logprobs\":null,\"finish_reason\":null")
        .endsWith("data: [DONE]\n\n");
    assertThat(engine.next().request().rawPrompt()).contains(new RawPrompt.Tokens(List.of(5, 6)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | prompt | is null, expected a text or token ids",
        "{\"prompt\": \"\"} | prompt | is empty",
        "{\"prompt\": []} | prompt | is empty",
        "{\"prompt\": [\"a\", \"b\"]} | prompt | has 2 prompts, expected one",
        "{\"prompt\": [1, -2]} | prompt[1] | expected a token id",
        "{\"prompt\": {\"a\": 1}} | prompt | expected a text or token ids",
        "{\"prompt\": \"a\", \"echo\": true} | echo | expected false",
        "{\"prompt\": \"a\", \"suffix\": \"b\"} | suffix | not supported",
        "{\"prompt\": \"a\", \"best_of\": 2} | best_of | expected 1",
        "{\"prompt\": \"a\", \"logprobs\": 65} | logprobs | expected 0 to 64",
      })
  void badCompletionIsRefusedByItsField(String body, String param, String words) throws Exception {
    HttpResponse<String> answer = http.post("v1/completions", body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(error(answer).path("message").asText()).contains(words);
    assertThat(error(answer).path("param").asText()).isEqualTo(param);
  }

  @Test
  void tokensAreToldAsVllmTellsThem() throws Exception {
    assertThat(http.post("tokenize", "{\"prompt\": \"ab\", \"return_token_strs\": true}").body())
        .isEqualTo(
            "{\"count\":2,\"max_model_len\":%d,\"tokens\":[97,98],\"token_strs\":[\"a\",\"b\"]}"
                .formatted(engine.model().maxSequenceTokens()));
    assertThat(http.post("tokenize", "{\"prompt\": \"ab\"}").body()).doesNotContain("token_strs");
    assertThat(http.post("detokenize", "{\"tokens\": [97, 98]}").body())
        .isEqualTo("{\"prompt\":\"ab\"}");
    assertThat(http.post("tokenize", "{\"model\": \"nobody\", \"prompt\": \"a\"}").statusCode())
        .isEqualTo(404);
  }

  @Test
  void scriptsAroundVllmFindVersionAndPing() throws Exception {
    assertThat(http.send(http.to("version")).body()).startsWith("{\"version\":\"");
    assertThat(http.send(http.to("ping")).statusCode()).isEqualTo(200);
    assertThat(http.post("ping", "").statusCode()).isEqualTo(200);
    assertThat(http.send(http.to("health")).statusCode()).isEqualTo(200);
  }

  private static JsonNode error(HttpResponse<String> answer) throws Exception {
    return JSON.readTree(answer.body()).path("error");
  }

  private static String question(String more) {
    return "{\"model\": \"base\", \"messages\": [{\"role\": \"user\", \"content\": \"Color?\"}]%s}"
        .formatted(more);
  }
}
