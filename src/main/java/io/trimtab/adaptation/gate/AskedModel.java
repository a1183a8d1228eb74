package io.trimtab.adaptation.gate;

import io.trimtab.engine.api.AnswerReading;
import io.trimtab.engine.api.CandidateModel;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.engine.api.Priority;
import io.trimtab.engine.api.RawPrompt;
import io.trimtab.engine.api.ReadingRequest;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.TokenFrame;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A model, asked one question after another by whoever waits for the answer: greedy, in the
 * background, again after a pause while the engine is full, and once more where a request failed
 * inside the engine. Its calls block; an interrupt ends the request and the call. Any thread.
 */
final class AskedModel {
  /** The end of an answer, white space, and the same words spelt in other tokens. */
  private static final int SPELLING_TOKENS = 8;

  private final BiFunction<GenerationRequest, GenerationListener, RequestHandle> generate;
  private final Function<ScoringRequest, CompletableFuture<ScoringResult>> score;
  private final Function<ReadingRequest, CompletableFuture<AnswerReading>> read;
  private final Function<RawPrompt, CompletableFuture<List<Integer>>> encode;
  private final EvaluationSettings settings;
  private final String tenant;

  private AskedModel(
      BiFunction<GenerationRequest, GenerationListener, RequestHandle> generate,
      Function<ScoringRequest, CompletableFuture<ScoringResult>> score,
      Function<ReadingRequest, CompletableFuture<AnswerReading>> read,
      Function<RawPrompt, CompletableFuture<List<Integer>>> encode,
      EvaluationSettings settings,
      String tenant) {
    this.generate = generate;
    this.score = score;
    this.read = read;
    this.encode = encode;
    this.settings = settings;
    this.tenant = tenant;
  }

  static AskedModel base(InferenceEngine engine, EvaluationSettings settings, String tenant) {
    return new AskedModel(
        engine::generate,
        engine::score,
        engine::read,
        prompt -> engine.tokens().encode(tenant, prompt),
        settings,
        tenant);
  }

  static AskedModel candidate(CandidateModel model, EvaluationSettings settings, String tenant) {
    return new AskedModel(
        model::generate,
        model::score,
        _ -> {
          throw new IllegalStateException("Only base reads what others have answered");
        },
        _ -> {
          throw new IllegalStateException("Only base's tokens are asked for");
        },
        settings,
        tenant);
  }

  /**
   * After how many tokens an answer is cut that should be this one: not before it could be whole.
   */
  int tokensMax(Optional<String> expected) throws InterruptedException {
    if (expected.isEmpty() || isShort(expected.get())) {
      return settings.answerTokensMax();
    }
    RawPrompt prompt = new RawPrompt.Text(expected.get(), TokenFrame.OMIT);
    int tokens = patiently(() -> awaited(encode.apply(prompt))).size();
    return Math.max(settings.answerTokensMax(), tokens + SPELLING_TOKENS);
  }

  /** A token is a byte of it at least, so that few need to be counted. */
  private boolean isShort(String answer) {
    int bytes = answer.getBytes(StandardCharsets.UTF_8).length;
    return answer.isEmpty() || bytes + SPELLING_TOKENS <= settings.answerTokensMax();
  }

  /** Answers, with so many tokens at most. */
  Completion answer(List<ChatMessage> messages, int tokensMax) throws InterruptedException {
    return patiently(
        () -> {
          CompletableFuture<Completion> completion = new CompletableFuture<>();
          RequestHandle handle =
              generate.apply(generation(messages, tokensMax), new EndListener(completion));
          try {
            return await(completion);
          } catch (InterruptedException e) {
            handle.cancel();
            throw e;
          }
        });
  }

  /** What the model would have said at the places of an answer of somebody else. */
  AnswerReading read(List<ChatMessage> messages, AnswerReading answer) throws InterruptedException {
    return patiently(() -> awaited(read.apply(reading(messages, answer))));
  }

  /** The tokens of a given answer, each with the 64 likeliest at its place. */
  List<TokenLogprob> score(List<ChatMessage> messages, String answer) throws InterruptedException {
    return patiently(() -> awaited(score.apply(scoring(messages, answer))).tokens());
  }

  /** One try of a request. */
  private interface Try<T> {
    T run() throws InterruptedException;
  }

  private <T> T patiently(Try<T> request) throws InterruptedException {
    try {
      return untilThereIsRoom(request);
    } catch (TrimtabException e) {
      if (e.code() != ErrorCode.INTERNAL) {
        throw e;
      }
      // A step that fails ends all requests that were in it, whichever of them was at fault.
      return untilThereIsRoom(request);
    }
  }

  private <T> T untilThereIsRoom(Try<T> request) throws InterruptedException {
    long end = System.nanoTime() + settings.patience().toNanos();
    for (Duration pause = settings.firstPause(); ; pause = settings.pauseAfter(pause)) {
      try {
        return request.run();
      } catch (TrimtabException e) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (e.code() != ErrorCode.RESOURCE_EXHAUSTED || left <= 0) {
          throw e;
        }
        Thread.sleep(Math.clamp(left, 1, Math.max(1, pause.toMillis())));
      }
    }
  }

  /** The same, of what an interrupt cancels. */
  private static <T> T awaited(CompletableFuture<T> future) throws InterruptedException {
    try {
      return await(future);
    } catch (InterruptedException e) {
      future.cancel(true);
      throw e;
    }
  }

  private static <T> T await(CompletableFuture<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TrimtabException refusal) {
        throw refusal;
      }
      throw new IllegalStateException("An evaluation's request ended in an unknown way", e);
    }
  }

  private GenerationRequest generation(List<ChatMessage> messages, int tokensMax) {
    return new GenerationRequest(
        id(),
        tenant,
        ServedBy.BASE,
        messages,
        SamplingParameters.greedy(tokensMax),
        Optional.empty(),
        Priority.BACKGROUND,
        tokensMax);
  }

  private ReadingRequest reading(List<ChatMessage> messages, AnswerReading answer) {
    return new ReadingRequest(
        id(),
        tenant,
        ServedBy.BASE,
        messages,
        answer.prompt(),
        answer.tokens(),
        Priority.BACKGROUND);
  }

  private ScoringRequest scoring(List<ChatMessage> messages, String answer) {
    return new ScoringRequest(
        id(),
        tenant,
        ServedBy.BASE,
        messages,
        answer,
        ScoringRequest.Positions.CONTINUATION,
        Optional.empty(),
        SamplingParameters.TOP_LOGPROBS_MAX,
        Priority.BACKGROUND);
  }

  private static String id() {
    return "evaluation-" + UUID.randomUUID();
  }

  /** Waits for the end alone. */
  private record EndListener(CompletableFuture<Completion> completion)
      implements GenerationListener {
    @Override
    public void started(ServedBy servedBy) {}

    @Override
    public void delta(String text, List<TokenLogprob> logprobs) {}

    @Override
    public void finished(Completion end) {
      if (end.reason() == Completion.FinishReason.CANCELLED) {
        failed(new TrimtabException(ErrorCode.CANCELLED, "The evaluation's request was cancelled"));
      } else {
        completion.complete(end);
      }
    }

    @Override
    public void failed(TrimtabException reason) {
      completion.completeExceptionally(reason);
    }
  }
}
