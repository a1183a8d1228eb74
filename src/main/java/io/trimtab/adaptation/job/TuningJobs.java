package io.trimtab.adaptation.job;

import io.trimtab.adaptation.feedback.TriggerReason;
import io.trimtab.adaptation.job.TuningJob.Counts;
import io.trimtab.adaptation.job.TuningJob.Progress;
import io.trimtab.adapter.AdapterId;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.ObjectStore;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/**
 * All jobs, kept in the store and seen by every process over it. Of an adapter's jobs at most one
 * has not ended. Any thread; changes wait for each other and for the disk.
 */
public final class TuningJobs {
  /** Why a job was CANCELLED that nobody cancelled. */
  static final String ADAPTER_DELETED = "The adapter was deleted";

  /** Versions that a history tells. */
  public static final int HISTORY_MAX = 1000;

  /** Each lost attempt is a change that another process made. */
  private static final int ATTEMPTS_MAX = 100;

  private final JobLines lines;

  /** The monitor guards it, but for what waits for nothing. */
  private final KnownJobs known;

  private final Clock clock;
  private final Function<AdapterId, Optional<Instant>> deletions;

  private TuningJobs(
      ObjectStore store, Clock clock, Function<AdapterId, Optional<Instant>> deletions) {
    this.lines = new JobLines(store);
    this.known = new KnownJobs(lines);
    this.clock = clock;
    this.deletions = deletions;
  }

  /** Reads every job, where nobody deletes an adapter by a clock that is ahead of this one. */
  public static TuningJobs open(ObjectStore store, Clock clock, Consumer<TuningJob> listener) {
    return open(store, clock, _ -> Optional.empty(), listener);
  }

  /**
   * Reads every job.
   *
   * @param deletions when the name of an adapter was deleted last, whichever process did it; a job
   *     of what has the name now is created after that, also where that process' clock is ahead
   * @param listener told of every change seen from here on; must not block
   */
  public static TuningJobs open(
      ObjectStore store,
      Clock clock,
      Function<AdapterId, Optional<Instant>> deletions,
      Consumer<TuningJob> listener) {
    TuningJobs jobs = new TuningJobs(store, clock, deletions);
    jobs.refresh();
    jobs.known.tell(listener);
    return jobs;
  }

  /**
   * Queues the adapter's next job.
   *
   * @throws TrimtabException FAILED_PRECONDITION while one of its jobs has not ended
   */
  public TuningJob start(AdapterId adapter, String recipe, TriggerReason trigger) {
    return start(adapter, recipe, trigger, Optional.empty(), deletions.apply(adapter));
  }

  /**
   * Queues the adapter's next job as a person orders it.
   *
   * @throws TrimtabException FAILED_PRECONDITION while one of its jobs has not ended
   */
  public TuningJob start(AdapterId adapter, String recipe, JobOrder order) {
    return start(
        adapter, recipe, TriggerReason.MANUAL, Optional.of(order), deletions.apply(adapter));
  }

  private synchronized TuningJob start(
      AdapterId adapter,
      String recipe,
      TriggerReason trigger,
      Optional<JobOrder> order,
      Optional<Instant> deleted) {
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      long turns = lines.turns(adapter);
      Optional<TuningJob> last = lines.turn(adapter, turns).flatMap(known::seen);
      if (last.isPresent() && !last.get().state().ended()) {
        throw new TrimtabException(
            ErrorCode.FAILED_PRECONDITION,
            "The job %s of the adapter '%s' is %s, expected none under way: cancel it or wait"
                .formatted(last.get().id(), adapter.name(), last.get().state()));
      }
      String id = UUID.randomUUID().toString().replace("-", "");
      Instant now = clock.instant();
      Instant created =
          deleted.filter(time -> !time.isBefore(now)).map(time -> time.plusNanos(1)).orElse(now);
      TuningJob job =
          new TuningJob(
              id,
              adapter,
              1,
              turns + 1,
              JobState.QUEUED,
              recipe,
              trigger,
              Counts.NONE,
              Progress.NONE,
              Instant.EPOCH,
              0,
              null,
              created,
              now,
              "",
              now,
              "",
              "");
      // Before the job: whoever takes that must find it.
      order.ifPresent(asked -> lines.order(id, asked));
      // The job first: a turn that names no job would hold up the adapter for good.
      lines.append(job);
      if (lines.take(adapter, turns + 1, id)) {
        known.take(job);
        return job;
      }
      abandon(job);
    }
    throw contended(adapter.name());
  }

  /** A job that lost its turn to another process; it never was one. */
  private void abandon(TuningJob job) {
    lines.append(job.draft().state(JobState.CANCELLED).version(2, clock.instant()));
  }

  /**
   * Changes a job, decided anew as often as another process was first.
   *
   * @param change from the newest version; may throw to leave it as it is
   * @throws TrimtabException NOT_FOUND, or what the change throws
   */
  public synchronized TuningJob change(String jobId, UnaryOperator<JobChange> change) {
    return change(jobId, job -> true, change).orElseThrow();
  }

  /** The same where the newest version still suits; else nothing is changed. */
  synchronized Optional<TuningJob> change(
      String jobId, Predicate<TuningJob> suits, UnaryOperator<JobChange> change) {
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      TuningJob now = known.seen(jobId).orElseThrow(() -> notFound(jobId));
      if (!suits.test(now)) {
        return Optional.empty();
      }
      TuningJob next = change.apply(now.draft()).version(now.version() + 1, clock.instant());
      if (lines.append(next)) {
        known.take(next);
        return Optional.of(next);
      }
    }
    throw contended(jobId);
  }

  /** Notes progress that this process will not keep; readers here see it until the next change. */
  public synchronized void progressed(String jobId, Progress progress) {
    known.progressed(jobId, progress);
  }

  /** The progress of a job that is known here, kept or not. */
  synchronized Progress heard(String jobId) {
    return known.withProgress(known.seen(jobId).orElseThrow(() -> notFound(jobId))).progress();
  }

  /**
   * One job of a tenant, as it is now, also where another process has it.
   *
   * @throws TrimtabException NOT_FOUND
   */
  public synchronized TuningJob get(String tenant, String jobId) {
    return known
        .seen(jobId)
        .filter(job -> job.adapter().tenant().equals(tenant))
        .map(known::withProgress)
        .orElseThrow(() -> notFound(jobId));
  }

  /** What was asked of a job; empty for one that began by itself or that asked for nothing. */
  public Optional<JobOrder> order(String jobId) {
    return lines.order(jobId);
  }

  /** How often a job was taken in a row without getting further. */
  JobTakes takes(String jobId) {
    return lines.takes(jobId);
  }

  /** Notes it; false where it is noted already, by whichever process. */
  boolean note(String jobId, JobTakes takes) {
    return lines.append(jobId, takes);
  }

  /**
   * The versions of a tenant's job as they were kept, oldest first: the latest {@value
   * #HISTORY_MAX}.
   *
   * @throws TrimtabException NOT_FOUND
   */
  public List<TuningJob> history(String tenant, String jobId) {
    long latest = get(tenant, jobId).version();
    return LongStream.rangeClosed(Math.max(1, latest - HISTORY_MAX + 1), latest)
        .boxed()
        .flatMap(version -> lines.read(JobLines.line(jobId), version).stream())
        .toList();
  }

  /** The tenant's jobs, newest first. */
  public synchronized List<TuningJob> list(String tenant) {
    return known
        .withTurn(job -> job.adapter().tenant().equals(tenant))
        .map(known::withProgress)
        .sorted(Comparator.comparing(TuningJob::created).reversed())
        .toList();
  }

  /**
   * All that this process knows of, as it knows them: those that lost their turn to another process
   * at once are CANCELLED among them. Waits for nothing, not for the disk either.
   */
  public List<TuningJob> known() {
    return known.all();
  }

  /** Jobs that have not ended, oldest first. */
  public synchronized List<TuningJob> open() {
    return known
        .withTurn(job -> !job.state().ended())
        .sorted(Comparator.comparing(TuningJob::created))
        .toList();
  }

  /** An adapter's jobs, newest first. */
  public synchronized List<TuningJob> of(AdapterId adapter) {
    return known
        .withTurn(job -> job.adapter().equals(adapter))
        .sorted(Comparator.comparingLong(TuningJob::number).reversed())
        .toList();
  }

  /**
   * Ends a job at its next step, whichever process has it. Examples that are there count as seen,
   * lest the next job begins with them at once.
   *
   * @throws TrimtabException NOT_FOUND, or FAILED_PRECONDITION for one that has ended or that is
   *     being published
   */
  public synchronized TuningJob cancel(String tenant, String jobId) {
    TuningJob asked = get(tenant, jobId);
    boolean looked = !asked.newestExample().equals(Instant.EPOCH);
    return change(
            jobId,
            job -> !job.state().ended() && !job.judged(),
            draft -> (looked ? draft : draft.seen(clock.instant())).state(JobState.CANCELLED))
        .orElseThrow(() -> notCancelled(get(tenant, jobId)));
  }

  private static TrimtabException notCancelled(TuningJob job) {
    return new TrimtabException(
        ErrorCode.FAILED_PRECONDITION,
        job.state().ended()
            ? "The job %s has ended as %s".formatted(job.id(), job.state())
            : "The job %s is judged and about to end, expected one that still trains or waits"
                .formatted(job.id()));
  }

  /** Ends a job whose adapter is gone, whichever process has it; one that has ended stays so. */
  synchronized void endOfDeleted(String jobId) {
    change(jobId, job -> !job.state().ended(), draft -> draft.cancelled(ADAPTER_DELETED));
  }

  /** Whether a job is known to have ended, whoever ended it; of one that can't be read it isn't. */
  synchronized boolean hasEnded(String jobId) {
    try {
      return known.seen(jobId).filter(job -> job.state().ended()).isPresent();
    } catch (TrimtabException e) {
      if (e.code() == ErrorCode.INTERNAL) {
        return false;
      }
      throw e;
    }
  }

  /** Looks for what other processes wrote. One that cannot be read is logged and left alone. */
  public synchronized void refresh() {
    known.refresh();
  }

  private static TrimtabException notFound(String jobId) {
    return new TrimtabException(ErrorCode.NOT_FOUND, "There is no job '%s'".formatted(jobId));
  }

  private static TrimtabException contended(String what) {
    return new TrimtabException(
        ErrorCode.UNAVAILABLE, "'%s' is being changed by others: try again".formatted(what));
  }
}
