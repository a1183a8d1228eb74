package io.trimtab.serving.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.ResponseFormat;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.TraceContext;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.serving.Cancellation;
import io.trimtab.serving.NoPredictions;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.metrics.Metering;
import io.trimtab.serving.openai.Asked.Delivery;
import io.trimtab.serving.openai.Asked.Prompt;
import io.trimtab.serving.openai.Asked.Retention;
import io.trimtab.testing.FakeEngine;
import jakarta.ws.rs.core.Response;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AnswersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final FakeEngine engine = FakeEngine.silent();
  private final List<GenerationListener> listeners = new ArrayList<>();
  private final List<CompletionStage<Response>> responses = new ArrayList<>();
  // The engine that has read a request knows its caller, and the conversation no longer.
  private final Answers answers =
      new Answers(
          Metering.of(
              (_, listener) -> {
                listeners.add(listener);
                return () -> {};
              }),
          NoPredictions.kept(),
          new OpenCalls(),
          ServingLimits.DEFAULT);

  @ParameterizedTest
  @EnumSource(Delivery.class)
  void whoWaitsForAnAnswerHoldsNoPictures(Delivery delivery) {
    WeakReference<Picture> picture = asked(delivery);
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (!picture.refersTo(null) && System.nanoTime() < until) {
      System.gc();
    }
    assertThat(picture.refersTo(null)).isTrue();
    assertThat(listeners).hasSize(1);
    assertThat(responses).hasSize(1);
    Reference.reachabilityFence(this);
  }

  private WeakReference<Picture> asked(Delivery delivery) {
    Picture picture = Picture.of(new byte[] {1});
    Asked asked =
        new Asked(
            "base",
            "base",
            "messages",
            new Prompt.Conversation(
                List.of(new ChatMessage(Role.USER, List.of(new PicturePart(picture))))),
            SamplingParameters.greedy(1),
            ResponseFormat.TEXT,
            new ChatChoice(Logprobs.OMIT, engine.tokens()),
            Logprobs.OMIT,
            delivery,
            Retention.NONE);
    Client client = new Client("a", "", TraceContext.NONE, new Cancellation());
    responses.add(answers.answer(asked, client));
    return new WeakReference<>(picture);
  }
}
