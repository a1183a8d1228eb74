package io.trimtab.serving.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.Cancellation;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.openai.AnswerJson.StreamedUsage;
import io.trimtab.testing.FakeEngine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class StreamedAnswerTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Cancellation cancellation = new Cancellation();
  private final OpenCalls openCalls = new OpenCalls();
  private final Client client = new Client();
  private final Deque<Runnable> connection = new ArrayDeque<>();
  private @Nullable ServedBy begun;
  private @Nullable TrimtabException failed;
  private final StreamedAnswer answer = answer(Logprobs.OMIT);

  @Test
  void everyPieceIsAnEvent() throws Exception {
    begin();
    answer.delta("a", List.of());
    run();
    answer.delta("", List.of());
    run();
    answer.delta("b", List.of());
    run();
    answer.finished(FakeEngine.completion("ab"));
    run();

    assertThat(events()).containsExactly("role", "a", "b", "stop", "[DONE]");
    assertThat(client.ended).isTrue();
    assertThat(begun).isEqualTo(FakeEngine.SERVED_BY);
  }

  @Test
  void whatComesBeforeTheConnectionWaits() throws Exception {
    answer.started(FakeEngine.SERVED_BY);
    answer.delta("a", List.of());
    answer.delta("b", List.of());
    answer.finished(FakeEngine.completion("ab"));
    assertThat(connection).isEmpty();
    answer.attach(client, connection::add);
    run();

    assertThat(events()).containsExactly("role", "ab", "stop", "[DONE]");
  }

  @Test
  void engineAsksTheConnectionOnceHoweverMuchComes() {
    begin();
    answer.delta("a", List.of());
    answer.delta("b", List.of());
    answer.delta("c", List.of());
    assertThat(connection).hasSize(1);
  }

  @Test
  void slowClientGetsJoinedText() throws Exception {
    begin();
    client.full = true;
    answer.delta("a", List.of());
    run();
    answer.delta("b", List.of());
    run();
    assertThat(events()).containsExactly("role");
    client.full = false;
    answer.ready();
    run();
    assertThat(events()).containsExactly("role", "ab");
  }

  @Test
  void answerThatEndsIsHandedOverReadyOrNot() throws Exception {
    begin();
    client.full = true;
    answer.delta("a", List.of());
    answer.finished(FakeEngine.completion("a"));
    run();
    assertThat(events()).containsExactly("role", "a", "stop", "[DONE]");
  }

  @Test
  void clientThatReadsTooSlowlyIsCutOffAtTheBound() throws Exception {
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    cancellation.attach(() -> cancelled.complete(null));
    begin();
    client.full = true;
    answer.delta("x".repeat(100), List.of());
    run();
    assertThat(cancelled).isNotDone();
    answer.delta("x", List.of());
    run();

    assertThat(cancelled).isDone();
    assertThat(client.text()).contains("101 characters are waiting, expected at most 100");
    assertThat(events()).containsExactly("role", "rate_limit_exceeded", "[DONE]");
    // What the engine still says goes nowhere, and its last word closes the call.
    answer.delta("y", List.of());
    answer.finished(FakeEngine.completion("xy"));
    run();
    assertThat(events()).containsExactly("role", "rate_limit_exceeded", "[DONE]");
    assertThat(openEnded()).isTrue();
  }

  @Test
  void logprobsCountAgainstTheBoundWhereTheyAreWritten() {
    TokenLogprob token =
        new TokenLogprob(1, "a", -1, List.of(new TokenLogprob(2, "b", -2, List.of())));
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    cancellation.attach(() -> cancelled.complete(null));
    begin();
    answer.delta("a", List.of(token, token, token));
    assertThat(cancelled).isNotDone();
    StreamedAnswer telling = answer(Logprobs.WRITE);
    telling.started(FakeEngine.SERVED_BY);
    telling.delta("a", List.of(token, token));
    assertThat(cancelled).isDone();
  }

  @Test
  void failureBeforeTheBeginIsToldToWhoWaitsForIt() {
    answer.failed(new TrimtabException(ErrorCode.UNAVAILABLE, "stopping"));
    assertThat(failed).hasMessage("stopping");
    assertThat(openEnded()).isTrue();
  }

  @Test
  void failureBehindTheBeginIsTheLastEvent() throws Exception {
    begin();
    answer.delta("a", List.of());
    answer.failed(new TrimtabException(ErrorCode.UNAVAILABLE, "stopping"));
    run();
    assertThat(events()).containsExactly("role", "a", "unavailable", "[DONE]");
    assertThat(failed).isNull();
    assertThat(openEnded()).isTrue();
  }

  @Test
  void nothingIsWrittenToAClientThatHasGone() throws Exception {
    begin();
    client.closed = true;
    answer.delta("a", List.of());
    answer.finished(FakeEngine.completion("a"));
    run();
    assertThat(events()).containsExactly("role");
    assertThat(client.ended).isFalse();
    assertThat(openEnded()).isTrue();
  }

  private void begin() {
    answer.started(FakeEngine.SERVED_BY);
    answer.attach(client, connection::add);
    run();
  }

  private void run() {
    for (Runnable next = connection.poll(); next != null; next = connection.poll()) {
      next.run();
    }
  }

  private boolean openEnded() {
    // One more end than there was a begin is refused.
    return catchThrowable(openCalls::ended) instanceof IllegalStateException;
  }

  /** What each event is about. */
  private List<String> events() throws JsonProcessingException {
    List<String> kinds = new ArrayList<>();
    for (String event : client.text().split("\n\n", -1)) {
      if (event.isEmpty()) {
        continue;
      }
      assertThat(event).startsWith("data: ");
      String data = event.substring(6);
      kinds.add(data.equals("[DONE]") ? data : kind(JSON.readTree(data)));
    }
    return kinds;
  }

  private static String kind(JsonNode json) {
    if (json.has("error")) {
      return json.path("error").path("code").asText();
    }
    JsonNode choice = json.path("choices").get(0);
    if (choice.path("delta").has("role")) {
      return "role";
    }
    return choice.path("finish_reason").isNull()
        ? choice.path("delta").path("content").asText()
        : choice.path("finish_reason").asText();
  }

  private StreamedAnswer answer(Logprobs logprobs) {
    openCalls.began();
    return new StreamedAnswer(
        new AnswerJson(
            new AnswerIds("p1", 1, "m"),
            new ChatChoice(logprobs, FakeEngine.silent().tokens()),
            StreamedUsage.OMIT),
        new StreamedAnswer.Begun() {
          @Override
          public void begins(ServedBy by) {
            begun = by;
          }

          @Override
          public void fails(TrimtabException reason) {
            failed = reason;
          }
        },
        cancellation,
        openCalls,
        100,
        logprobs);
  }

  private static final class Client implements EventSink {
    private final StringBuilder received = new StringBuilder();
    private boolean full;
    private boolean closed;
    private boolean ended;

    @Override
    public boolean isFull() {
      return full;
    }

    @Override
    public boolean isClosed() {
      return closed;
    }

    @Override
    public void write(byte[] events) {
      received.append(new String(events, UTF_8));
    }

    @Override
    public void end(byte[] events) {
      write(events);
      ended = true;
    }

    private String text() {
      return received.toString();
    }
  }
}
