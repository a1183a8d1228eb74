package io.trimtab.adaptation.job;

import io.trimtab.adaptation.job.TuningJob.Progress;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.TuningListener;
import java.util.concurrent.CompletableFuture;

/** Notes what a trainer says of a job, and completes a future with how it ends. */
final class ProgressHeard implements TuningListener {
  private final TuningJobs jobs;
  private final String jobId;
  private final CompletableFuture<Outcome> trained;
  private Progress progress = Progress.NONE;

  ProgressHeard(TuningJobs jobs, String jobId, CompletableFuture<Outcome> trained) {
    this.jobs = jobs;
    this.jobId = jobId;
    this.trained = trained;
  }

  @Override
  public void step(Step step) {
    progress =
        new Progress(
            step.step(),
            step.steps(),
            step.trainLoss(),
            progress.validationLoss(),
            progress.validationExactMatch(),
            step.tokensPerSecond());
    jobs.progressed(jobId, progress);
  }

  @Override
  public void validated(Validation validation) {
    progress =
        new Progress(
            progress.step(),
            progress.steps(),
            progress.trainLoss(),
            validation.loss(),
            validation.exactMatch(),
            progress.tokensPerSecond());
    jobs.progressed(jobId, progress);
  }

  @Override
  public void finished(Outcome outcome) {
    trained.complete(outcome);
  }

  @Override
  public void failed(TrimtabException reason) {
    trained.completeExceptionally(reason);
  }
}
