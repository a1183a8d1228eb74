package io.trimtab.tuning;

import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.TuningListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** A listener that remembers, and lets a test wait for what it hears. */
final class HeardEvents implements TuningListener {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  final List<Step> steps = new ArrayList<>();
  final List<Validation> validations = new ArrayList<>();
  final List<Outcome> outcomes = new ArrayList<>();
  final List<TrimtabException> failures = new ArrayList<>();

  @Override
  public synchronized void step(Step step) {
    steps.add(step);
    notifyAll();
  }

  @Override
  public synchronized void validated(Validation validation) {
    validations.add(validation);
    notifyAll();
  }

  @Override
  public synchronized void finished(Outcome outcome) {
    outcomes.add(outcome);
    notifyAll();
  }

  @Override
  public synchronized void failed(TrimtabException reason) {
    failures.add(reason);
    notifyAll();
  }

  synchronized void await(Predicate<HeardEvents> condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.test(this)) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError(
            "Heard %d steps, %s and %s".formatted(steps.size(), outcomes, failures));
      }
      wait(1 + left / 1_000_000);
    }
  }

  void awaitSteps(int count) throws InterruptedException {
    await(heard -> heard.steps.size() >= count || heard.isOver());
  }

  /** Waits until no step has come for a while. */
  synchronized void awaitQuiet(Duration quiet) throws InterruptedException {
    int before = -1;
    while (before != steps.size()) {
      before = steps.size();
      long until = System.nanoTime() + quiet.toNanos();
      while (before == steps.size() && System.nanoTime() < until) {
        wait(1 + (until - System.nanoTime()) / 1_000_000);
      }
    }
  }

  Outcome awaitOutcome() throws InterruptedException {
    await(HeardEvents::isOver);
    return Optional.of(outcomes)
        .filter(list -> list.size() == 1)
        .orElseThrow(() -> new AssertionError(failures.toString()))
        .getFirst();
  }

  TrimtabException awaitFailure() throws InterruptedException {
    await(HeardEvents::isOver);
    return Optional.of(failures)
        .filter(list -> list.size() == 1)
        .orElseThrow(() -> new AssertionError(outcomes.toString()))
        .getFirst();
  }

  private synchronized boolean isOver() {
    return !outcomes.isEmpty() || !failures.isEmpty();
  }
}
