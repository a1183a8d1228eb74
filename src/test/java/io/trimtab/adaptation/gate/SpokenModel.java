package io.trimtab.adaptation.gate;

import io.trimtab.engine.api.CandidateModel;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.testing.FakeEngine;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** A candidate that says what a function says to a question's words, and counts its closes. */
public record SpokenModel(FakeEngine model, AtomicInteger closes) implements CandidateModel {
  /** One that answers. */
  public static SpokenModel saying(UnaryOperator<String> answers) {
    return new SpokenModel(engine(answers), new AtomicInteger());
  }

  /** An engine whose base answers so. Scores are those of one token, the answer itself. */
  public static FakeEngine engine(UnaryOperator<String> answers) {
    FakeEngine engine =
        new FakeEngine(
            (request, listener) ->
                listener.finished(FakeEngine.completion(answers.apply(words(request.messages())))));
    engine.scores(SpokenModel::scored);
    return engine;
  }

  public static ScoringResult scored(ScoringRequest request) {
    TokenLogprob other = new TokenLogprob(2, " other", -2.3f, List.of());
    TokenLogprob same = new TokenLogprob(1, request.continuation(), -0.12f, List.of());
    return new ScoringResult(
        FakeEngine.SERVED_BY,
        List.of(),
        List.of(new TokenLogprob(1, request.continuation(), -0.12f, List.of(same, other))));
  }

  /** A question in words alone. */
  public static EvaluationItem item(String task, String words, String expected) {
    return new EvaluationItem(
        words, task, List.of(ChatMessage.text(Role.USER, words)), Optional.of(expected));
  }

  public static String words(List<ChatMessage> messages) {
    return messages.getLast().parts().getLast() instanceof TextPart(String text) ? text : "";
  }

  @Override
  public RequestHandle generate(GenerationRequest request, GenerationListener listener) {
    return model.generate(request, listener);
  }

  @Override
  public CompletableFuture<ScoringResult> score(ScoringRequest request) {
    return model.score(request);
  }

  @Override
  public void close() {
    closes.incrementAndGet();
  }
}
