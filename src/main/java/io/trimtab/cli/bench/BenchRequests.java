package io.trimtab.cli.bench;

import io.trimtab.engine.Engine;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.ResponseFormat;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.SamplingParameters.EndTokens;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Equal requests of a benchmark: one prompt, end tokens ignored. */
final class BenchRequests {
  static final String TENANT = "bench";

  private final Engine engine;
  private final String prompt;
  private final SamplingParameters sampling;
  private final ResponseFormat format;

  /**
   * @param promptTokens about so many
   * @param tokens exactly so many are generated
   */
  BenchRequests(Engine engine, int promptTokens, int tokens) {
    this(engine, promptTokens, tokens, 0, ResponseFormat.TEXT);
  }

  /**
   * @param temperature 0 is greedy
   * @param format one whose answers are longer than that
   */
  BenchRequests(
      Engine engine, int promptTokens, int tokens, float temperature, ResponseFormat format) {
    this.engine = engine;
    this.format = format;
    // One of the tokenizers' commonest words, so about one token each.
    this.prompt = "the ".repeat(promptTokens).strip();
    this.sampling =
        SamplingParameters.builder()
            .maxTokens(tokens)
            .temperature(temperature)
            .endTokens(EndTokens.IGNORE)
            .build();
  }

  /** Asks each of these adapters once, all at the same time, and waits for the answers. */
  void ask(List<String> adapters) throws InterruptedException {
    List<CompletableFuture<Completion>> answers = new ArrayList<>();
    for (String adapter : adapters) {
      Awaited awaited = new Awaited();
      ask(adapter, awaited);
      answers.add(awaited.answer);
    }
    for (CompletableFuture<Completion> answer : answers) {
      await(answer);
    }
  }

  RequestHandle ask(String adapter, GenerationListener listener) {
    return engine.generate(
        new GenerationRequest(
                "bench",
                TENANT,
                adapter,
                List.of(ChatMessage.text(Role.USER, prompt)),
                sampling,
                Optional.empty())
            .as(format),
        listener);
  }

  static <T> T await(CompletableFuture<T> answer) throws InterruptedException {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof TrimtabException refusal
          ? refusal
          : new IllegalStateException(e);
    }
  }

  /** An answer to be waited for. */
  static final class Awaited implements GenerationListener {
    final CompletableFuture<Completion> answer = new CompletableFuture<>();

    /** When the first token came, by {@link System#nanoTime}. */
    final CompletableFuture<Long> firstToken = new CompletableFuture<>();

    @Override
    public void started(ServedBy servedBy) {}

    @Override
    public void delta(String text, List<TokenLogprob> logprobs) {
      if (!firstToken.isDone()) {
        firstToken.complete(System.nanoTime());
      }
    }

    @Override
    public void finished(Completion completion) {
      answer.complete(completion);
    }

    @Override
    public void failed(TrimtabException reason) {
      answer.completeExceptionally(reason);
      firstToken.completeExceptionally(reason);
    }
  }
}
