package io.trimtab.adaptation.gate;

import io.trimtab.drift.Quantities;
import io.trimtab.drift.TokenClasses;
import io.trimtab.engine.api.CandidateModel;
import io.trimtab.engine.api.EngineHealth;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Puts the questions of a set to base and to a candidate, as requests of low priority through the
 * engine that serves: there is no second path. A bounded number is at work at a time, each on a
 * virtual thread of its own. What base says is kept for the next candidate. Any thread.
 */
public final class Evaluator {
  private final InferenceEngine engine;
  private final EvaluationSettings settings;
  private final TokenClasses classes = TokenClasses.common();
  private final BaseAnswers kept;
  private final @Nullable Quantities live;

  /** One that measures nothing for the drift watch. */
  public Evaluator(InferenceEngine engine, EvaluationSettings settings) {
    this(engine, settings, null);
  }

  /**
   * @param live what the drift watch will measure of live answers, of an engine that was opened
   *     with its token sets; null for nothing
   */
  public Evaluator(InferenceEngine engine, EvaluationSettings settings, @Nullable Quantities live) {
    this.engine = engine;
    this.settings = settings;
    this.live = live;
    this.kept =
        new BaseAnswers(settings.keptMax(), (long) settings.keptMax() * settings.answerTokensMax());
  }

  /** What is measured for the drift watch; null for nothing. */
  @Nullable Quantities live() {
    return live;
  }

  /**
   * Blocks until every question is answered. An interrupt ends the requests at work.
   *
   * @param tenant whose requests these are
   * @throws TrimtabException RESOURCE_EXHAUSTED, UNAVAILABLE and the like where the engine could
   *     not answer for reasons of its own, or has failed by the end; the same evaluation may
   *     succeed later
   */
  public Evidence evaluate(
      String tenant, CandidateModel candidate, EvaluationSet set, EvaluationListener listener)
      throws InterruptedException {
    ItemEvaluation evaluation =
        new ItemEvaluation(
            AskedModel.base(engine, settings, tenant),
            AskedModel.candidate(candidate, settings, tenant),
            classes,
            kept,
            live);
    List<EvaluationItem> items =
        Stream.concat(set.validation().stream(), set.probes().stream()).toList();
    List<ItemEvaluation.Result> results = all(items, evaluation, listener);
    requireEngine();
    List<Evidence.Gap> gaps = new ArrayList<>();
    int validation = set.validation().size();
    return new Evidence(
        outcomes(results.subList(0, validation), gaps),
        outcomes(results.subList(validation, results.size()), gaps),
        gaps);
  }

  /** What an engine says that has failed meanwhile is no candidate's fault. */
  private void requireEngine() {
    EngineHealth health = engine.health();
    switch (health) {
      case EngineHealth.Ready _ -> {}
      case EngineHealth.Loading _, EngineHealth.Stopping _, EngineHealth.Failed _ ->
          throw new TrimtabException(
              ErrorCode.UNAVAILABLE, "The engine cannot answer now: " + health);
    }
  }

  /** Results in the order of the items. */
  private List<ItemEvaluation.Result> all(
      List<EvaluationItem> items, ItemEvaluation evaluation, EvaluationListener listener)
      throws InterruptedException {
    Semaphore room = new Semaphore(settings.inFlight());
    List<Future<ItemEvaluation.Result>> futures = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletionService<ItemEvaluation.Result> ends = new ExecutorCompletionService<>(threads);
      try {
        for (EvaluationItem item : items) {
          futures.add(ends.submit(() -> within(room, threads, item, evaluation)));
        }
        for (int done = 1; done <= items.size(); done++) {
          ends.take().get();
          listener.evaluated(done, items.size());
        }
        return futures.stream().map(Future::resultNow).toList();
      } catch (ExecutionException e) {
        throw refusal(e);
      } finally {
        // After a failure or an interrupt the others' answers are of no use to anyone.
        threads.shutdownNow();
      }
    }
  }

  private static ItemEvaluation.Result within(
      Semaphore room, ExecutorService threads, EvaluationItem item, ItemEvaluation evaluation)
      throws InterruptedException {
    room.acquire();
    try {
      // One that was interrupted before this one has left its room.
      if (threads.isShutdown()) {
        throw new InterruptedException("The evaluation has ended");
      }
      return evaluation.of(item);
    } finally {
      room.release();
    }
  }

  private static List<PairedOutcome> outcomes(
      List<ItemEvaluation.Result> results, List<Evidence.Gap> gaps) {
    List<PairedOutcome> outcomes = new ArrayList<>();
    for (ItemEvaluation.Result result : results) {
      switch (result) {
        case ItemEvaluation.Result.Paired(PairedOutcome outcome) -> outcomes.add(outcome);
        case ItemEvaluation.Result.Missing(Evidence.Gap gap) -> gaps.add(gap);
      }
    }
    return outcomes;
  }

  private static RuntimeException refusal(ExecutionException e) {
    return e.getCause() instanceof TrimtabException refusal
        ? refusal
        : new IllegalStateException("An evaluation ended in an unknown way", e);
  }
}
