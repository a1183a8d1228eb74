package io.trimtab.adaptation.job;

import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.engine.api.Priority;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks base what it says to a prompt of the rehearsal, greedily, as a request that waits for all
 * others.
 */
final class RehearsalAnswers {
  /** No tenant's name may have brackets, so it takes turns with all of them. */
  static final String TENANT = "(rehearsal)";

  private static final int TOKENS_MAX = 64;

  /** While the queue is full, other requests go first. */
  private static final long RETRY_NANOS = 100_000_000;

  private final InferenceEngine engine;

  RehearsalAnswers(InferenceEngine engine) {
    this.engine = engine;
  }

  String answer(List<ChatMessage> messages) {
    while (true) {
      try {
        return asked(messages);
      } catch (TrimtabException e) {
        if (e.code() != ErrorCode.RESOURCE_EXHAUSTED) {
          throw e;
        }
        LockSupport.parkNanos(RETRY_NANOS);
        if (Thread.currentThread().isInterrupted()) {
          throw new TrimtabException(ErrorCode.CANCELLED, "Interrupted while the queue was full");
        }
      }
    }
  }

  private String asked(List<ChatMessage> messages) {
    CompletableFuture<String> text = new CompletableFuture<>();
    RequestHandle request =
        engine.generate(
            new GenerationRequest(
                "rehearsal",
                TENANT,
                ServedBy.BASE,
                messages,
                SamplingParameters.greedy(TOKENS_MAX),
                Optional.empty(),
                Priority.BACKGROUND),
            new GenerationListener() {
              @Override
              public void started(ServedBy servedBy) {}

              @Override
              public void delta(String part, List<TokenLogprob> logprobs) {}

              @Override
              public void finished(Completion completion) {
                text.complete(completion.text());
              }

              @Override
              public void failed(TrimtabException reason) {
                text.completeExceptionally(reason);
              }
            });
    try {
      return Awaited.of(text);
    } finally {
      // Where nobody waits for it any more; one that has ended stays as it is.
      request.cancel();
    }
  }
}
