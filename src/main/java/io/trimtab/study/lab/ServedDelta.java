package io.trimtab.study.lab;

import io.trimtab.drift.Quantities;
import io.trimtab.drift.Shift;
import io.trimtab.engine.api.AnswerReading;
import io.trimtab.engine.api.CandidateModel;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.engine.api.Priority;
import io.trimtab.engine.api.ReadingRequest;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A delta that answers as a served revision would, and base that reads its answers. */
public final class ServedDelta implements AutoCloseable {
  private static final String TENANT = "study";
  private static final int TOKENS_MAX = 32;

  private final InferenceEngine engine;
  private final CandidateModel model;
  private final Quantities quantities;

  ServedDelta(InferenceEngine engine, CandidateModel model, Quantities quantities) {
    this.engine = engine;
    this.model = model;
    this.quantities = quantities;
  }

  /** Answers a request. */
  public CompletableFuture<Completion> answer(List<ChatMessage> messages) {
    CompletableFuture<Completion> completion = new CompletableFuture<>();
    model.generate(
        new GenerationRequest(
            "study",
            TENANT,
            ServedBy.BASE,
            messages,
            SamplingParameters.greedy(TOKENS_MAX),
            Optional.empty(),
            Priority.INTERACTIVE,
            TOKENS_MAX),
        new GenerationListener() {
          @Override
          public void started(ServedBy servedBy) {}

          @Override
          public void delta(String text, List<TokenLogprob> logprobs) {}

          @Override
          public void finished(Completion end) {
            completion.complete(end);
          }

          @Override
          public void failed(TrimtabException reason) {
            completion.completeExceptionally(reason);
          }
        });
    return completion;
  }

  /** Answers a request, and has base read the answer. */
  public CompletableFuture<Shift> shift(List<ChatMessage> messages) {
    return answer(messages)
        .thenCompose(
            completion -> {
              AnswerReading tuned = completion.reading().orElseThrow();
              return engine
                  .read(
                      new ReadingRequest(
                          "study",
                          TENANT,
                          ServedBy.BASE,
                          messages,
                          tuned.prompt(),
                          tuned.tokens(),
                          Priority.BACKGROUND))
                  .thenApplyAsync(base -> quantities.measure(base, tuned));
            });
  }

  @Override
  public void close() {
    model.close();
  }
}
