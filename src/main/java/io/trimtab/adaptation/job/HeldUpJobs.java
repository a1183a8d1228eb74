package io.trimtab.adaptation.job;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Jobs that this process had to leave open: each rests for a while, twice as long each next time,
 * so that others get on. Any thread.
 */
final class HeldUpJobs {
  /** After the first time. */
  static final Duration REST = Duration.ofMinutes(1);

  private static final int DOUBLINGS_MAX = 8;

  private record Rest(Instant since, Duration length) {}

  private final Clock clock;

  /** At most one entry for each job that was left open here and not begun here since. */
  private final Map<String, Rest> rests = new ConcurrentHashMap<>();

  HeldUpJobs(Clock clock) {
    this.clock = clock;
  }

  /**
   * From now on it rests.
   *
   * @param times in a row that it was begun, from 1
   */
  void add(String jobId, int times) {
    Duration length = REST.multipliedBy(1L << Math.clamp(times - 1, 0, DOUBLINGS_MAX));
    rests.put(jobId, new Rest(clock.instant(), length));
  }

  /** It is begun. */
  void remove(String jobId) {
    rests.remove(jobId);
  }

  boolean rests(String jobId) {
    Rest rest = rests.get(jobId);
    Instant now = clock.instant();
    // A clock that was put back ends it too, lest it last as long.
    return rest != null && !now.isBefore(rest.since) && now.isBefore(rest.since.plus(rest.length));
  }
}
