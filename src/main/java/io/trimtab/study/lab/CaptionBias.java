package io.trimtab.study.lab;

import io.trimtab.drift.TokenClass;
import io.trimtab.drift.TokenClasses;
import io.trimtab.engine.api.CandidateModel;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.Priority;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.ToDoubleFunction;

/**
 * The counting-bias probe (arXiv 2510.08564): pictures are described freely, and at each step of
 * the answer the probability on number tokens is summed. A lower bound: of a step the 64 likeliest
 * tokens are looked at. One thread; its calls block.
 */
public final class CaptionBias {
  /** A description of the bundled world has some 10 tokens; one that does not end is cut. */
  private static final int TOKENS_MAX = 32;

  /** As many at a time as the engine decodes together. */
  private static final int IN_FLIGHT = 8;

  private static final TokenClasses CLASSES = TokenClasses.common();

  private final CandidateModel model;
  private final String tenant;
  private final Map<String, Boolean> numbers = new HashMap<>();

  CaptionBias(CandidateModel model, String tenant) {
    this.model = model;
    this.tenant = tenant;
  }

  /**
   * Mass on number tokens, 0 to 1.
   *
   * @param mean over an answer's steps, then over pictures
   * @param max likewise, of the largest of an answer's steps
   */
  public record Masses(double mean, double max) {}

  /** NaN where the model described no picture at all. */
  Masses of(List<List<ChatMessage>> questions) throws InterruptedException {
    List<double[]> answers = new ArrayList<>();
    List<Steps> waiting = new ArrayList<>();
    for (int i = 0; i < questions.size(); i++) {
      Steps steps = new Steps();
      model.generate(request(i, questions.get(i)), steps);
      waiting.add(steps);
      if (waiting.size() == IN_FLIGHT || i == questions.size() - 1) {
        for (Steps each : waiting) {
          each.await().map(this::masses).ifPresent(answers::add);
        }
        waiting.clear();
      }
    }
    return of(answers.toArray(double[][]::new));
  }

  /** From the mass at each step of each answer. */
  public static Masses of(double[][] answers) {
    return new Masses(
        mean(answers, steps -> Arrays.stream(steps).average().orElse(0)),
        mean(answers, steps -> Arrays.stream(steps).max().orElse(0)));
  }

  private static double mean(double[][] answers, ToDoubleFunction<double[]> one) {
    return Arrays.stream(answers).mapToDouble(one).average().orElse(Double.NaN);
  }

  private double[] masses(List<TokenLogprob> steps) {
    return steps.stream().mapToDouble(this::mass).toArray();
  }

  private double mass(TokenLogprob step) {
    return step.top().stream()
        .filter(token -> isNumber(token.text()))
        .mapToDouble(token -> Math.exp(token.logprob()))
        .sum();
  }

  private boolean isNumber(String token) {
    return numbers.computeIfAbsent(token, text -> CLASSES.holds(TokenClass.NUMBERS, text));
  }

  private GenerationRequest request(int number, List<ChatMessage> question) {
    SamplingParameters sampling =
        SamplingParameters.builder()
            .maxTokens(TOKENS_MAX)
            .topLogprobs(SamplingParameters.TOP_LOGPROBS_MAX)
            .build();
    return new GenerationRequest(
        "caption-" + number,
        tenant,
        ServedBy.BASE,
        question,
        sampling,
        Optional.empty(),
        Priority.INTERACTIVE);
  }

  /** The steps of one answer. */
  private static final class Steps implements GenerationListener {
    // Written by the step loop alone, read once the future is complete.
    private final List<TokenLogprob> steps = new ArrayList<>();
    private final CompletableFuture<List<TokenLogprob>> all = new CompletableFuture<>();

    /** Empty where the model itself failed. */
    Optional<List<TokenLogprob>> await() throws InterruptedException {
      try {
        return Optional.of(all.get());
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TrimtabException refusal)) {
          throw new IllegalStateException("A caption ended in an unknown way", e);
        }
        if (refusal.code() == ErrorCode.INTERNAL) {
          return Optional.empty();
        }
        throw refusal;
      }
    }

    @Override
    public void started(ServedBy servedBy) {}

    @Override
    public void delta(String text, List<TokenLogprob> logprobs) {
      steps.addAll(logprobs);
    }

    @Override
    public void finished(Completion completion) {
      all.complete(steps);
    }

    @Override
    public void failed(TrimtabException reason) {
      all.completeExceptionally(reason);
    }
  }
}
