package io.trimtab.cli;

import io.trimtab.engine.Completion;
import io.trimtab.engine.Engine;
import io.trimtab.engine.EngineStatistics;
import io.trimtab.engine.GenerationListener;
import io.trimtab.engine.GenerationRequest;
import io.trimtab.engine.SamplingParameters;
import io.trimtab.engine.SamplingParameters.EndTokens;
import io.trimtab.engine.ServedBy;
import io.trimtab.engine.TokenLogprob;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.ToDoubleFunction;

/** Runs rounds of equal requests through an engine and reads its counters around each. */
final class DecodeBench {
  /**
   * Medians over the rounds of one batch.
   *
   * @param stepMicros one decode step, from planning to the last token handed out
   * @param outsideMicros the part of it outside ONNX Runtime's run call
   */
  record Row(
      int batch,
      double decodeTokensPerSecond,
      double stepMicros,
      double outsideMicros,
      double prefillTokensPerSecond) {}

  private final Engine engine;
  private final String prompt;
  private final SamplingParameters sampling;
  private final int warmups;

  /**
   * @param warmups rounds before the first counted one of each batch, for the JVM to compile
   */
  DecodeBench(Engine engine, int promptTokens, int tokens, int warmups) {
    this.engine = engine;
    this.warmups = warmups;
    // One of the tokenizers' commonest words, so about one token each.
    this.prompt = "the ".repeat(promptTokens).strip();
    this.sampling =
        new SamplingParameters(
            tokens,
            0,
            1,
            0,
            0,
            1,
            0,
            0,
            Map.of(),
            OptionalLong.empty(),
            List.of(),
            List.of(),
            0,
            EndTokens.IGNORE,
            0);
  }

  Row measure(int batch, int rounds) throws InterruptedException {
    for (int i = 0; i < warmups; i++) {
      round(batch);
    }
    List<EngineStatistics> counted = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      EngineStatistics before = engine.statistics();
      round(batch);
      counted.add(engine.statistics().since(before));
    }
    return new Row(
        batch,
        median(counted, round -> round.decodedTokens() / (round.decodeNanos() / 1e9)),
        median(counted, round -> round.decodeNanos() / 1e3 / round.decodeSteps()),
        median(
            counted,
            round -> (round.decodeNanos() - round.decodeRunNanos()) / 1e3 / round.decodeSteps()),
        median(counted, round -> round.prefilledTokens() / (round.prefillNanos() / 1e9)));
  }

  private void round(int batch) throws InterruptedException {
    List<CompletableFuture<Completion>> answers = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      CompletableFuture<Completion> answer = new CompletableFuture<>();
      engine.generate(
          new GenerationRequest(
              "bench-" + i,
              "default",
              "",
              List.of(ChatMessage.text(Role.USER, prompt)),
              sampling,
              Optional.empty()),
          new Awaited(answer));
      answers.add(answer);
    }
    for (CompletableFuture<Completion> answer : answers) {
      try {
        answer.get();
      } catch (ExecutionException e) {
        throw e.getCause() instanceof TrimtabException refusal
            ? refusal
            : new IllegalStateException(e);
      }
    }
  }

  private static double median(
      List<EngineStatistics> rounds, ToDoubleFunction<EngineStatistics> figure) {
    double[] figures = rounds.stream().mapToDouble(figure).sorted().toArray();
    return figures.length == 0 ? Double.NaN : figures[figures.length / 2];
  }

  private record Awaited(CompletableFuture<Completion> answer) implements GenerationListener {
    @Override
    public void started(ServedBy servedBy) {}

    @Override
    public void delta(String text, List<TokenLogprob> logprobs) {}

    @Override
    public void finished(Completion completion) {
      answer.complete(completion);
    }

    @Override
    public void failed(TrimtabException reason) {
      answer.completeExceptionally(reason);
    }
  }
}
