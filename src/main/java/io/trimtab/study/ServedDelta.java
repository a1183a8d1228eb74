package io.trimtab.study;

import io.trimtab.drift.Quantities;
import io.trimtab.drift.Shift;
import io.trimtab.engine.AnswerReading;
import io.trimtab.engine.CandidateModel;
import io.trimtab.engine.Completion;
import io.trimtab.engine.GenerationListener;
import io.trimtab.engine.GenerationRequest;
import io.trimtab.engine.InferenceEngine;
import io.trimtab.engine.Priority;
import io.trimtab.engine.ReadingRequest;
import io.trimtab.engine.SamplingParameters;
import io.trimtab.engine.ServedBy;
import io.trimtab.engine.TokenLogprob;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A delta that answers as a served revision would, and base that reads its answers. */
final class ServedDelta implements AutoCloseable {
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
  CompletableFuture<Completion> answer(List<ChatMessage> messages) {
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
  CompletableFuture<Shift> shift(List<ChatMessage> messages) {
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
