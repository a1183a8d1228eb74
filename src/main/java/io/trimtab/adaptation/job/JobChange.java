package io.trimtab.adaptation.job;

import io.trimtab.adaptation.job.TuningJob.Counts;
import io.trimtab.adaptation.job.TuningJob.Progress;
import io.trimtab.adapter.GateReport;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The next version of a job, put together: what is not named stays as it was. One thread. */
public final class JobChange {
  private final TuningJob before;
  private JobState state;
  private Counts counts;
  private Progress progress;
  private Instant newestExample;
  private int publishedRevision;
  private @Nullable GateReport gate;
  private String owner;
  private Instant leaseUntil;
  private String device;
  private String error;

  JobChange(TuningJob before) {
    this.before = before;
    this.state = before.state();
    this.counts = before.counts();
    this.progress = before.progress();
    this.newestExample = before.newestExample();
    this.publishedRevision = before.publishedRevision();
    this.gate = before.gate();
    this.owner = before.owner();
    this.leaseUntil = before.leaseUntil();
    this.device = before.device();
    this.error = before.error();
  }

  public JobChange state(JobState next) {
    this.state = next;
    return this;
  }

  public JobChange counts(Counts next, Instant newest) {
    this.counts = next;
    this.newestExample = newest;
    return this;
  }

  public JobChange progress(Progress next) {
    this.progress = next;
    return this;
  }

  public JobChange revision(int revision) {
    this.publishedRevision = revision;
    return this;
  }

  public JobChange gate(GateReport report) {
    this.gate = report;
    return this;
  }

  /** As it was before the gate spoke. */
  JobChange unjudged() {
    this.gate = null;
    return this;
  }

  public JobChange owner(String process, Instant until) {
    this.owner = process;
    this.leaseUntil = until;
    return this;
  }

  public JobChange device(String next) {
    this.device = next;
    return this;
  }

  public JobChange failed(String reason) {
    this.state = JobState.FAILED;
    this.error = reason;
    return this;
  }

  /** Ended by somebody. */
  JobChange cancelled(String reason) {
    this.state = JobState.CANCELLED;
    this.error = reason;
    return this;
  }

  /** Examples up to a moment count as seen, more than before if it is later. */
  JobChange seen(Instant newest) {
    this.newestExample = newest.isAfter(newestExample) ? newest : newestExample;
    return this;
  }

  TuningJob version(long version, Instant now) {
    return new TuningJob(
        before.id(),
        before.adapter(),
        version,
        before.number(),
        state,
        before.recipe(),
        before.trigger(),
        counts,
        progress,
        newestExample,
        publishedRevision,
        gate,
        before.created(),
        now,
        owner,
        leaseUntil,
        device,
        error);
  }
}
