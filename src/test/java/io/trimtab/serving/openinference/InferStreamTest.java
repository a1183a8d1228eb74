package io.trimtab.serving.openinference;

import static org.assertj.core.api.Assertions.assertThat;

import inference.ModelInferRequest;
import inference.ModelStreamInferResponse;
import io.grpc.Status;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.CallIds;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.inference.FakeClient;
import io.trimtab.testing.FakeEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The stream's own rules, with a client and an engine that the test plays, on one thread. */
final class InferStreamTest {
  private static final int PENDING_MAX = 100;

  private final FakeClient<ModelStreamInferResponse> client = new FakeClient<>();
  private final OpenCalls openCalls = new OpenCalls();
  private final List<Asked> asked = new ArrayList<>();
  private final InferStream stream =
      new InferStream(client, this::take, openCalls, PENDING_MAX, Runnable::run);

  private record Asked(StreamedAnswer answer, CompletableFuture<Void> cancelled) {}

  private RequestHandle take(ModelInferRequest request, CallIds made, StreamedAnswer answer) {
    if (request.getModelName().equals("none")) {
      throw new TrimtabException(ErrorCode.NOT_FOUND, "There is no adapter 'none'");
    }
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    asked.add(new Asked(answer, cancelled));
    return () -> cancelled.complete(null);
  }

  @Test
  void everyPieceIsAResponseAndTheLastSaysSo() {
    begin();
    StreamedAnswer answer = ask("r1");
    answer.started(FakeEngine.SERVED_BY);
    answer.delta("Blue", List.of());
    answer.delta("", List.of());
    answer.delta(" wing", List.of());
    answer.finished(FakeEngine.completion("Blue wing"));

    assertThat(told()).containsExactly("r1 'Blue'", "r1 ' wing'", "r1 '' final");
    assertThat(client.status).as("the stream goes on").isNull();
  }

  @Test
  void answersMixAndEachKeepsItsOrder() {
    begin();
    StreamedAnswer first = ask("r1");
    StreamedAnswer second = ask("r2");
    first.started(FakeEngine.SERVED_BY);
    second.started(FakeEngine.SERVED_BY);
    first.delta("a", List.of());
    second.delta("x", List.of());
    first.delta("b", List.of());
    second.finished(FakeEngine.completion("x"));
    first.finished(FakeEngine.completion("ab"));

    assertThat(told()).containsExactly("r1 'a'", "r2 'x'", "r1 'b'", "r2 '' final", "r1 '' final");
  }

  @Test
  void aRefusalIsAnErrorOfItsOwnAndTheOthersGoOn() {
    begin();
    StreamedAnswer first = ask("r1");
    first.started(FakeEngine.SERVED_BY);
    stream.onNext(OpenRequests.raw("none", "?").setId("r2").build());
    first.delta("a", List.of());
    first.failed(new TrimtabException(ErrorCode.UNAVAILABLE, "stopping"));
    StreamedAnswer third = ask("r3");
    third.started(FakeEngine.SERVED_BY);
    third.finished(FakeEngine.completion(""));

    assertThat(told())
        .containsExactly(
            "r2 NOT_FOUND: There is no adapter 'none'",
            "r1 'a'",
            "r1 UNAVAILABLE: stopping",
            "r3 '' final");
    assertThat(client.status).isNull();
  }

  @Test
  void theStreamEndsWhenAllThatWasAskedIsAnswered() {
    begin();
    StreamedAnswer answer = ask("r1");
    stream.onCompleted();
    assertThat(client.status).isNull();
    answer.started(FakeEngine.SERVED_BY);
    answer.finished(FakeEngine.completion("a"));

    assertThat(code()).isEqualTo(Status.Code.OK);
    assertThat(openCalls()).isZero();
  }

  @Test
  void aStreamThatAsksNothingEndsAtOnce() {
    begin();
    stream.onCompleted();
    assertThat(code()).isEqualTo(Status.Code.OK);
    assertThat(openCalls()).isZero();
  }

  @Test
  void aSlowClientGetsJoinedText() {
    begin();
    StreamedAnswer first = ask("r1");
    StreamedAnswer second = ask("r2");
    first.started(FakeEngine.SERVED_BY);
    second.started(FakeEngine.SERVED_BY);
    client.ready = false;
    first.delta("a", List.of());
    second.delta("x", List.of());
    first.delta("b", List.of());
    assertThat(told()).isEmpty();

    client.becomeReady();
    assertThat(told()).containsExactly("r1 'ab'", "r2 'x'");
    client.becomeReady();
    assertThat(told()).hasSize(2);

    client.ready = false;
    first.delta("c", List.of());
    first.finished(FakeEngine.completion("abc"));
    assertThat(told()).contains("r1 'c' final");
  }

  @Test
  void textThatWaitsIsBoundedOverAllRequestsTogether() {
    begin();
    StreamedAnswer first = ask("r1");
    StreamedAnswer second = ask("r2");
    first.started(FakeEngine.SERVED_BY);
    second.started(FakeEngine.SERVED_BY);
    client.ready = false;
    first.delta("x".repeat(60), List.of());
    second.delta("y".repeat(40), List.of());
    assertThat(client.status).isNull();
    second.delta("y", List.of());

    assertThat(code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(description()).contains("101 characters", "at most 100");
    assertThat(asked).allSatisfy(each -> assertThat(each.cancelled()).isDone());
    assertThat(openCalls()).as("until the engine has said its last word").isEqualTo(1);
    first.finished(FakeEngine.completion("x"));
    second.failed(new TrimtabException(ErrorCode.CANCELLED, "cancelled"));
    assertThat(openCalls()).isZero();
    assertThat(told()).isEmpty();
  }

  @Test
  void whatWasSentOrEndedDoesNotCountAgainstTheBound() {
    begin();
    for (int i = 0; i < 5; i++) {
      StreamedAnswer answer = ask("r" + i);
      answer.started(FakeEngine.SERVED_BY);
      client.ready = false;
      answer.delta("x".repeat(90), List.of());
      if (i % 2 == 0) {
        client.becomeReady();
      }
      answer.finished(FakeEngine.completion("x"));
      client.ready = true;
    }
    assertThat(client.status).isNull();
  }

  @Test
  void aClientThatDoesNotReadIsNotAskedForMore() {
    begin();
    assertThat(client.requested).isEqualTo(1);
    client.ready = false;
    stream.onNext(OpenRequests.raw("none", "?").build());
    assertThat(client.requested).as("an error waits to be read").isEqualTo(1);

    client.becomeReady();
    assertThat(client.requested).isEqualTo(2);
    stream.onNext(OpenRequests.raw("none", "?").build());
    assertThat(client.requested).isEqualTo(3);
  }

  @Test
  void asManyAreAskedForAsMayBeOpen() {
    begin();
    for (int i = 1; i <= InferStream.REQUESTS_MAX; i++) {
      assertThat(client.requested).isEqualTo(i);
      ask("r" + i);
    }
    assertThat(client.requested).isEqualTo(InferStream.REQUESTS_MAX);
    asked.getFirst().answer().started(FakeEngine.SERVED_BY);
    asked.getFirst().answer().finished(FakeEngine.completion("a"));
    assertThat(client.requested).isEqualTo(InferStream.REQUESTS_MAX + 1);
  }

  @Test
  void whileOneIsTakenInNoOtherIsAskedFor() {
    List<Runnable> reading = new ArrayList<>();
    InferStream held = new InferStream(client, this::take, openCalls, PENDING_MAX, reading::add);
    held.begin();
    held.onNext(OpenRequests.raw("base", "?").build());
    assertThat(client.requested).isEqualTo(1);
    reading.getFirst().run();
    assertThat(client.requested).isEqualTo(2);
  }

  @Test
  void aClientThatGoesCancelsAllItAsked() {
    begin();
    StreamedAnswer first = ask("r1");
    ask("r2");
    client.cancel();

    assertThat(asked).allSatisfy(each -> assertThat(each.cancelled()).isDone());
    first.delta("a", List.of());
    asked.forEach(each -> each.answer().finished(FakeEngine.completion("")));
    assertThat(told()).isEmpty();
    assertThat(client.status).isNull();
    assertThat(openCalls()).isZero();
  }

  @Test
  void aStoppingServerAnswersWhatRunsAndRefusesTheRest() {
    begin();
    StreamedAnswer answer = ask("r1");
    answer.started(FakeEngine.SERVED_BY);
    stopServer();
    stream.onNext(OpenRequests.raw("base", "?").setId("r2").build());
    answer.delta("a", List.of());
    answer.finished(FakeEngine.completion("a"));

    assertThat(told()).hasSize(3);
    assertThat(told().getFirst()).startsWith("r2 UNAVAILABLE: The server is stopping");
    assertThat(told().subList(1, 3)).containsExactly("r1 'a'", "r1 '' final");
    assertThat(code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(openCalls()).isZero();
  }

  @Test
  void aStoppingServerIsNotHeldByAnIdleStream() {
    begin();
    stopServer();
    assertThat(code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(openCalls()).isZero();
  }

  @Test
  void aFailureThatIsNoRefusalKeepsItsSecrets() {
    begin();
    ask("r1").fail(new IllegalStateException("password"));
    assertThat(told().getFirst())
        .startsWith("r1 INTERNAL: Internal error")
        .doesNotContain("password");
  }

  @Test
  void anAnswerEndsOnce() {
    begin();
    StreamedAnswer answer = ask("r1");
    answer.started(FakeEngine.SERVED_BY);
    answer.finished(FakeEngine.completion("a"));
    answer.failed(new TrimtabException(ErrorCode.CANCELLED, "late"));
    assertThat(told()).containsExactly("r1 '' final");
    assertThat(client.requested).isEqualTo(2);
  }

  private void begin() {
    stream.begin();
  }

  private StreamedAnswer ask(String id) {
    stream.onNext(OpenRequests.raw("base", "?").setId(id).build());
    return asked.getLast().answer();
  }

  private void stopServer() {
    var _ = openCalls();
  }

  /** How many calls a server that stops now would wait for. */
  private int openCalls() {
    try {
      return openCalls.close(Duration.ZERO);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private List<String> told() {
    return client.received.stream().map(InferStreamTest::told).toList();
  }

  private static String told(ModelStreamInferResponse response) {
    String id = response.getInferResponse().getId();
    boolean last =
        response.getInferResponse().getParametersOrThrow("triton_final_response").getBoolParam();
    if (!response.getErrorMessage().isEmpty()) {
      assertThat(last).isTrue();
      return "%s %s: %s"
          .formatted(
              id,
              response.getInferResponse().getParametersOrThrow("status").getStringParam(),
              response.getErrorMessage());
    }
    return "%s '%s'%s"
        .formatted(id, OpenRequests.rawText(response.getInferResponse()), last ? " final" : "");
  }

  private Status.@Nullable Code code() {
    return client.status == null ? null : client.status.getCode();
  }

  private @Nullable String description() {
    return client.status == null ? null : client.status.getDescription();
  }
}
