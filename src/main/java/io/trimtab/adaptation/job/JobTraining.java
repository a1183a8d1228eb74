package io.trimtab.adaptation.job;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.Trainer;
import io.trimtab.tuning.job.TuningListener.Outcome;
import io.trimtab.tuning.job.TuningRun;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Has a sealed folder trained on, behind those who are served. */
record JobTraining(TuningJobs jobs, Trainer trainer, TrainingThrottle throttle) {
  private static final System.Logger LOG = System.getLogger(JobTraining.class.getName());

  /**
   * Blocks until the delta is in the folder. However it ends otherwise, the trainer has stopped or
   * was given up when this returns; at an interrupt it is not waited for.
   *
   * @throws TrainerFailed where it failed
   * @throws JobLeft where the job is to be left
   */
  Outcome train(JobLease lease, Path folder) {
    CompletableFuture<Outcome> trained = new CompletableFuture<>();
    TuningRun run = started(folder, new ProgressHeard(jobs, lease.job().id(), trained));
    throttle.training(run);
    try {
      return waited(lease, trained);
    } finally {
      throttle.training(null);
      stop(lease, run, trained);
    }
  }

  private TuningRun started(Path folder, ProgressHeard heard) {
    try {
      return trainer.start(folder, heard);
    } catch (TrimtabException e) {
      if (e.code() == ErrorCode.UNAVAILABLE) {
        // With the server stops the trainer; this thread is interrupted only later.
        throw new JobLeft(e);
      }
      throw e;
    }
  }

  private static Outcome waited(JobLease lease, CompletableFuture<Outcome> trained) {
    while (true) {
      try {
        return trained.get(lease.pace().look().toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        lease.keep();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof TrimtabException reason) {
          throw new TrainerFailed(reason);
        }
        throw new IllegalStateException("The trainer failed without a reason", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new JobLeft("the server stops");
      }
    }
  }

  /** So that its files can be deleted, and the next job finds the device free. */
  private static void stop(JobLease lease, TuningRun run, CompletableFuture<Outcome> trained) {
    if (trained.isDone()) {
      return;
    }
    run.stop();
    if (Thread.currentThread().isInterrupted()) {
      return;
    }
    try {
      var _ = trained.get(lease.pace().stopMax().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      // Stopped, as it was told.
    } catch (TimeoutException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The trainer of job {0} was stopped and has not ended after {1}",
          lease.job().id(),
          lease.pace().stopMax());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
