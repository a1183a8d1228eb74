package io.trimtab.adaptation.job;

import io.trimtab.adaptation.feedback.TuningTrigger;
import java.time.Instant;
import java.util.Collection;

/**
 * Which of an adapter's examples its jobs have seen, told by when they were received. A job takes
 * in all that is there, and keeps the time of the newest; where that came while a clock was ahead,
 * the time says nothing of what comes once the clock is right.
 *
 * @param until what was received up to then was seen
 * @param newest of what is yet to come by the clock, that up to then was seen
 */
record SeenExamples(Instant until, Instant newest, Instant now) {
  /** What these jobs have seen, looked at now. */
  static SeenExamples of(Collection<TuningJob> jobs, Instant now) {
    return new SeenExamples(
        jobs.stream().map(job -> until(job, now)).max(Instant::compareTo).orElse(Instant.MIN),
        jobs.stream().map(TuningJob::newestExample).max(Instant::compareTo).orElse(Instant.MIN),
        now);
  }

  boolean contains(Instant received) {
    return !received.isAfter(until) || (received.isAfter(now) && !received.isAfter(newest));
  }

  private static Instant until(TuningJob job, Instant now) {
    Instant until = job.newestExample();
    if (until.isAfter(job.updated())) {
      // When it looked is not kept: what came since it was queued counts as new, once too often
      // rather than never.
      until = job.created().isBefore(job.updated()) ? job.created() : job.updated();
    }
    // All of the job was while the clock was ahead: the next, of the right time, sees it all again.
    return until.isAfter(now.plus(TuningTrigger.SKEW_MAX)) ? Instant.MIN : until;
  }
}
