package io.trimtab.adaptation.job;

import io.trimtab.adapter.Revision;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A job that is this process' own until somebody ends it, or takes it over because the lease ran
 * out. Any thread; each call waits for the store.
 */
final class JobLease {
  private static final System.Logger LOG = System.getLogger(JobLease.class.getName());

  private final TuningJobs jobs;
  private final TuningJob job;
  private final JobPace pace;
  private final Clock clock;
  private volatile Instant until;

  private volatile JobTakes takes = JobTakes.NONE;

  /** Whether the store knows that training has got further than it was when the job was taken. */
  private volatile boolean gotFurther;

  private JobLease(TuningJobs jobs, TuningJob job, JobPace pace, Clock clock) {
    this.jobs = jobs;
    this.job = job;
    this.pace = pace;
    this.clock = clock;
    this.until = job.leaseUntil();
  }

  /**
   * Takes a job, where it may be taken still.
   *
   * @param process that has it from now on
   * @param device on which it is trained
   */
  static Optional<JobLease> take(
      TuningJobs jobs,
      String jobId,
      Predicate<TuningJob> mayTake,
      String process,
      String device,
      JobPace pace,
      Clock clock) {
    return jobs.change(
            jobId,
            mayTake,
            draft ->
                draft
                    .state(JobState.TRAINING)
                    .unjudged()
                    .owner(process, clock.instant().plus(pace.lease()))
                    .device(device))
        .map(taken -> new JobLease(jobs, taken, pace, clock));
  }

  /** The job as it was taken. */
  TuningJob job() {
    return job;
  }

  /** What was asked of the job, where anything was. */
  Optional<JobOrder> order() {
    return patiently(() -> jobs.order(job.id()));
  }

  /**
   * Counts this take, once.
   *
   * @return takes in a row without a further step of training, this one among them
   */
  int countTake() {
    JobTakes next = patiently(() -> jobs.takes(job.id())).taken(job.progress().step());
    // One version, however often it is tried: what was written and not acknowledged counts once.
    var _ = patiently(() -> jobs.note(job.id(), next));
    takes = next;
    return takes();
  }

  /** Takes in a row; 0 before this one is counted. */
  int takes() {
    return takes.count();
  }

  /** This take does not count: the server stops in order. Where that can't be written, it does. */
  void uncountTake() {
    if (takes.count() == 0) {
      return;
    }
    // An interrupt would keep the store from writing.
    boolean interrupted = Thread.interrupted();
    try {
      var _ = jobs.note(job.id(), takes.takenBack());
    } catch (TrimtabException e) {
      LOG.log(
          System.Logger.Level.INFO,
          "The stop of the server counts against tuning job {0}: {1}",
          job.id(),
          e.getMessage());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  JobPace pace() {
    return pace;
  }

  /**
   * Looks whether the job is this process' own still, and renews the lease when half of it is over,
   * and once training has got further. A store that can't be asked is no reason to leave before the
   * lease is over.
   *
   * @throws JobLeft where it is not, or where the thread is interrupted
   */
  void keep() {
    if (Thread.currentThread().isInterrupted()) {
      throw new JobLeft("the server stops");
    }
    Instant now = clock.instant();
    try {
      TuningJob seen = jobs.get(job.adapter().tenant(), job.id());
      requireOwn(seen);
      // Also one from before the clock was put back, by which nobody could tell that this lives.
      // And what may be this take's only step before the server ends: it would be taken for none.
      boolean further = !gotFurther && seen.progress().step() > takes.step();
      if (further
          || now.isAfter(until.minus(pace.lease().dividedBy(2)))
          || until.isAfter(now.plus(pace.lease()))) {
        Instant next = now.plus(pace.lease());
        require(
            jobs.change(
                job.id(),
                this::isOwn,
                draft -> draft.owner(job.owner(), next).progress(seen.progress())));
        until = next;
        gotFurther |= further;
      }
    } catch (TrimtabException e) {
      if (e.code() != ErrorCode.UNAVAILABLE) {
        throw e;
      }
      if (now.isAfter(until)) {
        throw new JobLeft("its lease ran out, and the store can't be asked: " + e.getMessage());
      }
    }
  }

  /**
   * Changes the job.
   *
   * @throws JobLeft where it is not this process' own any more, or can't be written
   */
  void change(UnaryOperator<JobChange> change) {
    require(written(() -> jobs.change(job.id(), this::isOwn, change)));
  }

  /**
   * The delta is there, and will be judged; what was heard of training last is kept.
   *
   * @throws JobLeft where it is not this process' own any more, or can't be written
   */
  void trained() {
    change(draft -> draft.state(JobState.EVALUATING).progress(jobs.heard(job.id())));
  }

  /** Ends the job with the revision that was made of it; one that has ended stays as it is. */
  void end(Revision made, JobState state) {
    var _ =
        written(
            () ->
                jobs.change(
                    job.id(),
                    now -> !now.state().ended(),
                    draft -> draft.state(state).revision(made.revision())));
  }

  /** Ends the job otherwise; one that has ended, or that another process has, stays as it is. */
  void end(UnaryOperator<JobChange> change) {
    var _ = written(() -> jobs.change(job.id(), this::isOwn, change));
  }

  /**
   * Tries again, a few times with growing pauses, while the answer is UNAVAILABLE.
   *
   * @throws TrimtabException what the last attempt said
   * @throws JobLeft where the thread is interrupted
   */
  <T> T patiently(Supplier<T> action) {
    Duration wait = pace.pause();
    for (int attempt = 1; ; attempt++) {
      try {
        return action.get();
      } catch (TrimtabException e) {
        if (e.code() != ErrorCode.UNAVAILABLE
            || attempt >= pace.attempts()
            || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        LOG.log(
            System.Logger.Level.WARNING,
            "Tuning job {0} waits {1}: {2}",
            job.id(),
            wait,
            e.getMessage());
      }
      pause(wait);
      wait = wait.multipliedBy(2);
    }
  }

  /** Whoever takes the job next goes on where it could not be written. */
  private Optional<TuningJob> written(Supplier<Optional<TuningJob>> change) {
    try {
      return patiently(change);
    } catch (TrimtabException e) {
      if (e.code() == ErrorCode.UNAVAILABLE) {
        throw new JobLeft("it can't be written: " + e.getMessage());
      }
      throw e;
    }
  }

  private static void pause(Duration wait) {
    try {
      Thread.sleep(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JobLeft("the server stops");
    }
  }

  private void require(Optional<TuningJob> changed) {
    if (changed.isEmpty()) {
      requireOwn(jobs.get(job.adapter().tenant(), job.id()));
      throw new JobLeft("it was changed by another process");
    }
  }

  private void requireOwn(TuningJob now) {
    if (now.state().ended()) {
      throw new JobLeft("it is " + now.state());
    }
    if (!isOwn(now)) {
      throw new JobLeft("another process has it");
    }
  }

  private boolean isOwn(TuningJob now) {
    return !now.state().ended() && now.owner().equals(job.owner());
  }
}
