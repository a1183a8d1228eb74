package io.trimtab.serving.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.NoPredictions;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.Wire;
import io.trimtab.testing.FakeEngine;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.GenerateResponse;
import io.trimtab.v1.ScoreRequest;
import io.trimtab.v1.ScoreResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/**
 * That the engine's thread, which is the test's here, writes no whole answer: that is left to an
 * executor, whose work the test does when it has looked.
 */
final class WholeAnswersTest {
  private final Queue<Runnable> work = new ArrayDeque<>();
  private final FakeEngine engine = FakeEngine.silent();
  private final OpenCalls openCalls = new OpenCalls();
  private final InferenceService service =
      new InferenceService(
          engine, engine, ServingLimits.DEFAULT, NoPredictions.kept(), openCalls, work::add);

  @Test
  void aScoreIsWrittenByTheExecutor() throws Exception {
    FakeClient<ScoreResponse> client = new FakeClient<>();
    FakeEngine.Scored scored = score(client);
    TokenLogprob blue = new TokenLogprob(7, " blue", -0.5f, List.of());
    scored.result().complete(new ScoringResult(FakeEngine.SERVED_BY, List.of(), List.of(blue)));
    assertThat(client.received).isEmpty();
    work.remove().run();
    assertThat(client.received).hasSize(1);
    assertThat(client.received.getFirst().getTokens(0).getToken()).isEqualTo(7);
    requireEnded(client, Status.Code.OK);
  }

  @Test
  void aScoringThatFailsSaysWhy() throws Exception {
    FakeClient<ScoreResponse> client = new FakeClient<>();
    score(client)
        .result()
        .completeExceptionally(new TrimtabException(ErrorCode.UNAVAILABLE, "not serving"));
    work.remove().run();
    requireEnded(client, Status.Code.UNAVAILABLE);
  }

  @Test
  void aScoringWhoseClientGoesIsCancelled() throws Exception {
    FakeClient<ScoreResponse> client = new FakeClient<>();
    FakeEngine.Scored scored = score(client);
    client.cancel();
    assertThat(scored.result()).isCancelled();
    work.remove().run();
    requireEnded(client, Status.Code.CANCELLED);
  }

  @Test
  void aCompletionIsWrittenByTheExecutor() throws Exception {
    FakeClient<GenerateResponse> client = new FakeClient<>();
    FakeEngine.Taken taken = complete(client);
    taken.listener().started(FakeEngine.SERVED_BY);
    taken.listener().delta("Blue", List.of(new TokenLogprob(7, "Blue", -0.5f, List.of())));
    taken.listener().finished(FakeEngine.completion("Blue"));
    assertThat(client.received).isEmpty();
    work.remove().run();
    assertThat(client.received).hasSize(1);
    assertThat(client.received.getFirst().getText()).isEqualTo("Blue");
    assertThat(client.received.getFirst().getLogprobs(0).getToken()).isEqualTo(7);
    requireEnded(client, Status.Code.OK);
  }

  @Test
  void anAnswerThatCannotBeWrittenEndsItsCall() throws Exception {
    FakeClient<GenerateResponse> client = new FakeClient<>();
    client.beforeNext =
        () -> {
          throw new IllegalStateException("as if the answer were too long");
        };
    FakeEngine.Taken taken = complete(client);
    taken.listener().started(FakeEngine.SERVED_BY);
    taken.listener().finished(FakeEngine.completion("Blue"));
    work.remove().run();
    requireEnded(client, Status.Code.INTERNAL);
  }

  private FakeEngine.Scored score(FakeClient<ScoreResponse> client) throws Exception {
    service.score(
        ScoreRequest.newBuilder()
            .addMessages(Wire.user(Wire.text("What color?")))
            .setContinuation(" blue")
            .build(),
        client);
    work.remove().run();
    return engine.nextScored();
  }

  private FakeEngine.Taken complete(FakeClient<GenerateResponse> client) throws Exception {
    service.complete(
        GenerateRequest.newBuilder().addMessages(Wire.user(Wire.text("What color?"))).build(),
        client);
    work.remove().run();
    return engine.next();
  }

  private void requireEnded(FakeClient<?> client, Status.Code code) throws InterruptedException {
    assertThat(client.status).isNotNull().extracting(Status::getCode).isEqualTo(code);
    assertThat(work).isEmpty();
    assertThat(openCalls.close(Duration.ZERO)).isZero();
  }
}
