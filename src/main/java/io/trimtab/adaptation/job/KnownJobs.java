package io.trimtab.adaptation.job;

import io.trimtab.adaptation.job.TuningJob.Progress;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.LineName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The newest version of each job that this process has written or read, and the progress that it
 * heard of since. One call at a time, and it may wait for the disk; but for {@link #all}, which any
 * thread may call at any time and which waits for nothing.
 */
final class KnownJobs {
  private static final System.Logger LOG = System.getLogger(KnownJobs.class.getName());

  private final JobLines lines;

  /** Told of every version that is taken in, in order. */
  private volatile Consumer<TuningJob> listener = _ -> {};

  private final Map<LineName, TuningJob> newest = new ConcurrentHashMap<>();

  /** Progress that is not worth a version of its own. */
  private final Map<String, Progress> heard = new HashMap<>();

  /** Lines that were logged as such. */
  private final Set<LineName> unreadable = new HashSet<>();

  KnownJobs(JobLines lines) {
    this.lines = lines;
  }

  /** Tells of what comes from here on, and of nothing that is known already. */
  void tell(Consumer<TuningJob> told) {
    listener = told;
  }

  /** Looks for what other processes wrote. One that cannot be read is logged and left alone. */
  void refresh() {
    for (LineName line : lines.all()) {
      TuningJob known = newest.get(line);
      if (known != null && known.state().ended()) {
        continue;
      }
      try {
        catchUp(line);
        unreadable.remove(line);
      } catch (TrimtabException e) {
        // Once: this is called twice a second.
        if (unreadable.add(line)) {
          LOG.log(System.Logger.Level.ERROR, e.getMessage());
        }
      }
    }
  }

  /** A job as the store has it now. */
  Optional<TuningJob> seen(String jobId) {
    return catchUp(JobLines.line(jobId));
  }

  private Optional<TuningJob> catchUp(LineName line) {
    TuningJob known = newest.get(line);
    long latest = lines.latest(line);
    if (latest > 0 && (known == null || known.version() < latest)) {
      lines.read(line, latest).ifPresent(job -> take(line, job));
    }
    return Optional.ofNullable(newest.get(line));
  }

  /** A version that this process has written. */
  void take(TuningJob job) {
    take(JobLines.line(job.id()), job);
  }

  private void take(LineName line, TuningJob job) {
    newest.put(line, job);
    heard.remove(job.id());
    listener.accept(job);
  }

  /** Notes progress until the job's next version; of one that has ended it is none. */
  void progressed(String jobId, Progress progress) {
    TuningJob known = newest.get(JobLines.line(jobId));
    if (known == null || known.state().ended()) {
      return;
    }
    heard.put(jobId, progress);
    listener.accept(withProgress(known));
  }

  /** The job with what was heard since that version. */
  TuningJob withProgress(TuningJob job) {
    Progress progress = heard.get(job.id());
    return progress == null
        ? job
        : job.draft().progress(progress).version(job.version(), job.updated());
  }

  /** Those of the wanted that have their turn, in no particular order. */
  Stream<TuningJob> withTurn(Predicate<TuningJob> wanted) {
    return newest.values().stream().filter(wanted).filter(this::hasTurn);
  }

  /** A job that lost its turn, or whose process died before it took it, is none. */
  private boolean hasTurn(TuningJob job) {
    return lines.turn(job.adapter(), job.number()).filter(job.id()::equals).isPresent();
  }

  /** All, those without a turn among them. */
  List<TuningJob> all() {
    return List.copyOf(newest.values());
  }
}
