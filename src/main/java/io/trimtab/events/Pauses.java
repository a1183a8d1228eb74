package io.trimtab.events;

import java.time.Duration;

/** Pauses between attempts: each twice as long as the one before, up to a longest. One thread. */
final class Pauses {
  private final Duration shortest;
  private final Duration longest;
  private Duration next;

  Pauses(EventLimits limits) {
    this.shortest = limits.retryPauseMin();
    this.longest = limits.retryPauseMax();
    this.next = shortest;
  }

  /** How long to wait before the next attempt. */
  Duration next() {
    Duration pause = next;
    Duration doubled = pause.multipliedBy(2);
    next = doubled.compareTo(longest) < 0 ? doubled : longest;
    return pause;
  }

  /** An attempt succeeded: the next pause is the shortest. */
  void reset() {
    next = shortest;
  }
}
