package io.trimtab.study.lab;

import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.Trainer;
import io.trimtab.tuning.job.TuningListener;
import io.trimtab.tuning.job.TuningRun;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A job, waited for. */
final class TrainingRun implements TuningListener {
  private final CompletableFuture<Outcome> trained = new CompletableFuture<>();

  /**
   * Trains what a sealed folder holds.
   *
   * @throws TrimtabException what the trainer refused it by
   */
  Outcome await(Trainer trainer, Path folder) throws InterruptedException {
    TuningRun run = trainer.start(folder, this);
    try {
      return trained.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TrimtabException refusal) {
        throw refusal;
      }
      throw new IllegalStateException("The trainer failed without a reason", e);
    } catch (InterruptedException e) {
      run.stop();
      throw e;
    }
  }

  @Override
  public void step(Step step) {}

  @Override
  public void validated(Validation validation) {}

  @Override
  public void finished(Outcome outcome) {
    trained.complete(outcome);
  }

  @Override
  public void failed(TrimtabException reason) {
    trained.completeExceptionally(reason);
  }
}
