package io.trimtab.serving.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.CallIds;
import io.trimtab.serving.Cancellation;
import io.trimtab.serving.OpenCalls;
import io.trimtab.testing.FakeEngine;
import io.trimtab.v1.GenerateEvent;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class GenerateStreamTest {
  private final FakeClient<GenerateEvent> client = new FakeClient<>();
  private final Cancellation cancellation = new Cancellation();
  private final OpenCalls openCalls = new OpenCalls();
  private final GenerateStream stream = stream(100);

  @Test
  void readyClientGetsEveryDeltaAtOnce() {
    stream.started(FakeEngine.SERVED_BY);
    stream.delta("a", List.of());
    stream.delta("", List.of());
    stream.delta("b", List.of());
    stream.finished(FakeEngine.completion("ab"));

    assertThat(kinds()).containsExactly("STARTED", "a", "b", "FINISHED");
    assertThat(code()).isEqualTo(Status.Code.OK);
  }

  @Test
  void slowClientGetsJoinedText() {
    stream.started(FakeEngine.SERVED_BY);
    client.ready = false;
    stream.delta("a", List.of(new TokenLogprob(1, "a", -1, List.of())));
    stream.delta("b", List.of(new TokenLogprob(2, "b", -1, List.of())));
    assertThat(kinds()).containsExactly("STARTED");

    stream.ready();
    assertThat(kinds()).containsExactly("STARTED", "ab");
    assertThat(client.received.get(1).getDelta().getLogprobsList())
        .extracting(io.trimtab.v1.TokenLogprob::getToken)
        .containsExactly(1, 2);

    stream.ready();
    assertThat(kinds()).containsExactly("STARTED", "ab");
  }

  @Test
  void pendingTextComesBeforeTheEnd() {
    stream.started(FakeEngine.SERVED_BY);
    client.ready = false;
    stream.delta("a", List.of());
    stream.finished(FakeEngine.completion("a"));
    stream.ready();

    assertThat(kinds()).containsExactly("STARTED", "a", "FINISHED");
  }

  @Test
  void clientThatReadsTooSlowlyIsCutOffAtTheBound() throws InterruptedException {
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    cancellation.attach(() -> cancelled.complete(null));
    stream.started(FakeEngine.SERVED_BY);
    client.ready = false;
    stream.delta("x".repeat(100), List.of());
    assertThat(client.status).isNull();
    stream.delta("x", List.of());

    assertThat(code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(description()).contains("r1", "101 characters", "at most 100");
    assertThat(cancelled).isDone();
    assertThat(openCalls.close(Duration.ZERO)).isEqualTo(1);

    // What the engine still says goes nowhere, and its last word closes the call.
    stream.delta("y", List.of());
    stream.ready();
    stream.finished(FakeEngine.completion("xy"));
    assertThat(kinds()).containsExactly("STARTED");
    assertThat(openCalls.close(Duration.ZERO)).isZero();
  }

  @Test
  void logprobsCountAgainstTheBound() {
    client.ready = false;
    TokenLogprob token =
        new TokenLogprob(1, "a", -1, List.of(new TokenLogprob(2, "b", -2, List.of())));
    stream.delta("a", List.of(token));
    assertThat(client.status).isNull();
    stream.delta("a", List.of(token));

    assertThat(code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void failureAfterStartedEndsTheStreamWithItsStatus() {
    stream.started(FakeEngine.SERVED_BY);
    stream.delta("a", List.of());
    stream.failed(new TrimtabException(ErrorCode.UNAVAILABLE, "stopping"));

    assertThat(kinds()).containsExactly("STARTED", "a");
    assertThat(code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(description()).isEqualTo("stopping");
  }

  private GenerateStream stream(int pendingCharactersMax) {
    openCalls.began();
    return new GenerateStream(
        new CallIds("r1", "p1"), client, cancellation, openCalls, pendingCharactersMax);
  }

  private List<String> kinds() {
    return client.received.stream()
        .map(
            event ->
                event.hasDelta() ? event.getDelta().getText() : event.getEventCase().toString())
        .toList();
  }

  private Status.@Nullable Code code() {
    return client.status == null ? null : client.status.getCode();
  }

  private @Nullable String description() {
    return client.status == null ? null : client.status.getDescription();
  }
}
