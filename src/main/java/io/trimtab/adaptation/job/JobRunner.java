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
import org.jspecify.annotations.Nullable;

/**
 * Takes one job from where it stands to its end: lays out the data, has them trained on, has the
 * candidate judged, and publishes it or keeps it as REJECTED. Killed anywhere, the same call on the
 * same job goes on: the data are laid out whole or again, training goes on from its checkpoint, and
 * a revision that is there already is not made twice. One thread.
 */
public final class JobRunner {
  private static final System.Logger LOG = System.getLogger(JobRunner.class.getName());

  /**
   * Takes in a row, without a further step of training, after which a job is given up: it may be
   * what ends the server each time, and others wait behind it.
   */
  static final int TAKES_MAX = 8;

  private final TuningJobs jobs;
  private final InferenceEngine engine;
  private final AdapterPublisher publisher;
  private final JobAttempt.Means means;
  private final JobFolders folders;
  private final String device;
  private final String process;
  private final JobPace pace;
  private final Clock clock;
  private final HeldUpJobs heldUp;
  private final LeaseEnds leases;

  /**
   * @param process names this process among all that share the store
   */
  public JobRunner(
      TuningJobs jobs,
      InferenceEngine engine,
      ExampleStore examples,
      JobData dataset,
      Trainer trainer,
      TrainingThrottle throttle,
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
            new JobTraining(jobs, trainer, throttle),
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
    this.heldUp = new HeldUpJobs(clock);
    this.leases = new LeaseEnds(pace.lease(), clock);
  }

  /**
   * Whether this process may take the job now: nobody's, its own, or one left behind. None while
   * the engine can't answer: each would end for that alone. One that this process had to leave open
   * rests meanwhile, so that others get on.
   */
  public boolean mayTake(TuningJob job) {
    return isEngineReady()
        && !job.state().ended()
        && !heldUp.rests(job.id())
        && (job.owner().isEmpty() || job.owner().equals(process) || leases.isOver(job));
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
    heldUp.remove(job.id());
    LOG.log(System.Logger.Level.INFO, "Tuning job {0} of {1} begins", job.id(), job.adapter());
    try {
      attempt(lease);
    } catch (JobLeft e) {
      if (isStopping()) {
        lease.uncountTake();
      }
      if (e.getCause() instanceof TrimtabException reason) {
        heldUp.add(job.id(), lease.takes());
        // The next one may be left as well, and at once.
        throw reason;
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
      int takes = lease.countTake();
      if (takes > TAKES_MAX) {
        failed(
            lease,
            ("The server ended %d times in a row while it ran this job, or had to leave it, at step"
                    + " %d of its training: the server's log or the kernel's says why")
                .formatted(takes - 1, lease.job().progress().step()),
            null);
        return;
      }
      new JobAttempt(means, lease).run();
    } catch (JobLeft e) {
      throw e;
    } catch (TrainerFailed e) {
      failed(lease, String.valueOf(e.getMessage()), e);
    } catch (TrimtabException e) {
      if (mayPass(e)) {
        leave(lease, String.valueOf(e.getMessage()), e);
      } else {
        failed(lease, String.valueOf(e.getMessage()), e);
      }
    } catch (IOException | UncheckedIOException e) {
      leave(lease, "The job's folder: " + e.getMessage(), e);
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

  /** Leaves the job open, unless it was as often as it may be. */
  private void leave(JobLease lease, String reason, Throwable cause) {
    if (lease.takes() < TAKES_MAX) {
      throw left(lease, reason, cause);
    }
    failed(lease, "%s (for the %dth time in a row)".formatted(reason, lease.takes()), cause);
  }

  /** The job stays open, with all that was trained, for whoever takes it next. */
  private static JobLeft left(JobLease lease, String reason, @Nullable Throwable cause) {
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

  private void failed(JobLease lease, String reason, @Nullable Throwable cause) {
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

  /** In order: the engine may be stopped first where this thread outlasts its scheduler. */
  private boolean isStopping() {
    return Thread.currentThread().isInterrupted()
        || engine.health() instanceof EngineHealth.Stopping;
  }

  private boolean isEngineReady() {
    return switch (engine.health()) {
      case EngineHealth.Ready _ -> true;
      case EngineHealth.Loading _, EngineHealth.Stopping _, EngineHealth.Failed _ -> false;
    };
  }
}
