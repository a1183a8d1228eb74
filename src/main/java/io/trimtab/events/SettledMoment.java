package io.trimtab.events;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The latest moment up to which all of a log is read, from what is seen of it now and then. The
 * timestamps of records have no say: any clock may have set them. A reader that is never quite at
 * the end of a busy log is seen to have come past an earlier end. One thread.
 */
final class SettledMoment {
  private @Nullable Instant settled;

  /** The earliest end seen that was not reached when it was last looked at. */
  private @Nullable Sight awaited;

  /**
   * The moment, after one more look.
   *
   * @param now before the ends were asked for
   * @param ends of all partitions, beyond their last record
   * @param read of all partitions, up to where their records are settled
   */
  Optional<Instant> after(
      Instant now, Map<TopicPartition, Long> ends, Map<TopicPartition, Long> read) {
    Sight latest = new Sight(now, ends);
    Sight before = awaited == null ? latest : awaited;
    if (latest.isReached(read)) {
      settled = now;
      awaited = null;
    } else if (before.isReached(read)) {
      settled = before.when();
      awaited = latest;
    } else {
      awaited = before;
    }
    return Optional.ofNullable(settled);
  }

  private record Sight(Instant when, Map<TopicPartition, Long> ends) {
    boolean isReached(Map<TopicPartition, Long> read) {
      return ends.entrySet().stream()
          .allMatch(end -> read.getOrDefault(end.getKey(), 0L) >= end.getValue());
    }
  }
}
