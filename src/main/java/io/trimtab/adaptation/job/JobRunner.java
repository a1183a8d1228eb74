package io.trimtab.adaptation.job;

import io.trimtab.adaptation.AdapterPublisher;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.gate.Judge;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.engine.api.EngineHealth;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.Trainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.Optional;

/**
 * Takes one job from where it stands to its end: lays out the data, has them trained on, has the
 * candidate judged, and publishes it or keeps it as REJECTED. Killed anywhere, the same call on the
 * same job goes on: the data are laid out whole or again, training goes on from its checkpoint, and
 * a revision that is there already is not made twice. One thread.
 */
public final class JobRunner {
  private static final System.Logger LOG = System.getLogger(JobRunner.class.getName());

  private final TuningJobs jobs;
  private final InferenceEngine engine;
  private final AdapterPublisher publisher;
  private final JobAttempt.Means means;
  private final JobFolders folders;
  private final String device;
  private final String process;
  private final JobPace pace;
  private final Clock clock;

  /**
   * @param process names this process among all that share the store
   */
  public JobRunner(
      TuningJobs jobs,
      InferenceEngine engine,
      ExampleStore examples,
      JobData dataset,
      Trainer trainer,
      ServingFirst servingFirst,
      PeftReader reader,
      Judge judge,
      AdapterPublisher publisher,
      TuningDefaults defaults,
      String process,
      Clock clock) {
    this(
        jobs,
        new JobAttempt.Means(
            engine,
            examples,
            dataset,
            new JobTraining(jobs, trainer, servingFirst),
            reader,
            judge,
            publisher,
            defaults,
            new JobFolders(defaults.jobs()),
            clock),
        process,
        JobPace.DEFAULT);
  }

  JobRunner(TuningJobs jobs, JobAttempt.Means means, String process, JobPace pace) {
    this.jobs = jobs;
    this.engine = means.engine();
    this.publisher = means.publisher();
    this.means = means;
    this.folders = means.folders();
    this.device = means.defaults().device();
    this.process = process;
    this.pace = pace;
    this.clock = means.clock();
  }

  /**
   * Whether this process may take the job now: nobody's, its own, or one left behind. None while
   * the engine can't answer: each would end for that alone.
   */
  public boolean mayTake(TuningJob job) {
    return isEngineReady()
        && !job.state().ended()
        && (job.owner().isEmpty()
            || job.owner().equals(process)
            || clock.instant().isAfter(job.leaseUntil()));
  }

  /**
   * Runs a job to its end, which the job says, or leaves it open: where the thread is interrupted,
   * where another process has it, or where what the job needs is away or full: the store, the disk,
   * the engine. Whoever takes it next goes on with it.
   *
   * @throws TrimtabException where the store fails before the job is this process' own; and
   *     UNAVAILABLE where the job is left open for what may hold up the next one too
   */
  public void run(TuningJob queued) {
    Optional<JobLease> taken =
        JobLease.take(jobs, queued.id(), this::mayTake, process, device, pace, clock);
    if (taken.isEmpty()) {
      return;
    }
    JobLease lease = taken.get();
    TuningJob job = lease.job();
    LOG.log(System.Logger.Level.INFO, "Tuning job {0} of {1} begins", job.id(), job.adapter());
    try {
      attempt(lease);
    } catch (JobLeft e) {
      if (e.getCause() instanceof TrimtabException closed) {
        // The next one would be left as well, and at once.
        throw closed;
      }
      LOG.log(System.Logger.Level.INFO, "Tuning job {0} is left: {1}", job.id(), e.getMessage());
    }
    if (!Thread.currentThread().isInterrupted()) {
      sweep();
    }
  }

  /** Deletes what jobs that have ended left on this machine, whoever ended them. */
  void sweep() {
    folders.deleteAll(jobs::hasEnded);
  }

  private void attempt(JobLease lease) {
    String id = lease.job().id();
    try {
      new JobAttempt(means, lease).run();
    } catch (JobLeft e) {
      throw e;
    } catch (TrainerFailed e) {
      failed(lease, String.valueOf(e.getMessage()), e);
    } catch (TrimtabException e) {
      if (mayPass(e)) {
        throw left(lease, String.valueOf(e.getMessage()), e);
      }
      failed(lease, String.valueOf(e.getMessage()), e);
    } catch (IOException | UncheckedIOException e) {
      throw left(lease, "The job's folder: " + e.getMessage(), e);
    } catch (OutOfMemoryError e) {
      failed(lease, "The server ran out of memory: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "Tuning job " + id + " met a fault of ours", e);
      failed(lease, "Internal error; the server's log says more under the job's id", e);
    }
  }

  /** Whether it may go well later: a disk that is away or full. A limit of ours is for good. */
  private static boolean mayPass(TrimtabException e) {
    return switch (e.code()) {
      case UNAVAILABLE -> true;
      case RESOURCE_EXHAUSTED -> isOfTheDisk(e);
      case INVALID_ARGUMENT,
          UNAUTHENTICATED,
          NOT_FOUND,
          FAILED_PRECONDITION,
          INTERNAL,
          CANCELLED,
          DEADLINE_EXCEEDED ->
          false;
    };
  }

  private static boolean isOfTheDisk(Throwable failure) {
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException) {
        return true;
      }
    }
    return false;
  }

  /** The job stays open, with all that was trained, for whoever takes it next. */
  private static JobLeft left(JobLease lease, String reason, Throwable cause) {
    if (Thread.currentThread().isInterrupted()) {
      // With the server stops what the job needs: whoever starts next goes on.
      return new JobLeft("the server stops");
    }
    return new JobLeft(
        new TrimtabException(
            ErrorCode.UNAVAILABLE,
            "The job %s is left open: %s".formatted(lease.job().id(), reason),
            cause));
  }

  private void failed(JobLease lease, String reason, Throwable cause) {
    if (Thread.currentThread().isInterrupted() || !isEngineReady()) {
      throw left(lease, reason, cause);
    }
    TuningJob job = lease.job();
    if (isAdapterGone(lease)) {
      lease.end(draft -> draft.cancelled(TuningJobs.ADAPTER_DELETED));
      return;
    }
    LOG.log(System.Logger.Level.WARNING, "Tuning job {0} failed: {1}", job.id(), reason);
    lease.end(draft -> draft.failed(reason));
  }

  private boolean isAdapterGone(JobLease lease) {
    TuningJob job = lease.job();
    try {
      return lease.patiently(() -> publisher.isGone(job.adapter(), job.created()));
    } catch (TrimtabException e) {
      if (e.code() == ErrorCode.UNAVAILABLE) {
        throw new JobLeft("its adapter can't be looked at: " + e.getMessage());
      }
      // What is stored of it is damaged, which is said where it is read.
      return false;
    }
  }

  private boolean isEngineReady() {
    return switch (engine.health()) {
      case EngineHealth.Ready _ -> true;
      case EngineHealth.Loading _, EngineHealth.Stopping _, EngineHealth.Failed _ -> false;
    };
  }
}
