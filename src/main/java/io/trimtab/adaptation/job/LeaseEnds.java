package io.trimtab.adaptation.job;

import io.trimtab.adaptation.feedback.TuningTrigger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which leases of other processes are over. One that a clock far ahead wrote is, once it was not
 * renewed for a lease's time by this one; a process that has such a clock and lives renews it, and
 * keeps its job. Any thread.
 */
final class LeaseEnds {
  /** Since when a job's version is known to be its newest. */
  private record Unrenewed(long version, Instant since) {}

  private final Duration lease;
  private final Clock clock;

  /** At most one entry for each job whose lease was seen to be of a clock far ahead. */
  private final Map<String, Unrenewed> ahead = new ConcurrentHashMap<>();

  /**
   * @param lease how long one is
   */
  LeaseEnds(Duration lease, Clock clock) {
    this.lease = lease;
    this.clock = clock;
  }

  /** Whether the job, as it is now, is left behind. */
  boolean isOver(TuningJob job) {
    Instant now = clock.instant();
    if (!job.leaseUntil().isAfter(now.plus(lease).plus(TuningTrigger.SKEW_MAX))) {
      ahead.remove(job.id());
      return now.isAfter(job.leaseUntil());
    }
    Unrenewed seen =
        ahead.compute(
            job.id(),
            (_, before) ->
                before != null && before.version == job.version()
                    ? before
                    : new Unrenewed(job.version(), now));
    return now.isAfter(seen.since.plus(lease));
  }
}
