package io.trimtab.events;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * How far one Kafka consumer has settled its partitions. An offset that the broker can't take now
 * is committed later, or by whoever has the partition next, who reads the records again: the intake
 * knows them. The consumer's thread alone.
 */
final class FeedbackOffsets implements ConsumerRebalanceListener {
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Duration commitMax;
  private final Runnable joined;
  private boolean member;
  private final Map<TopicPartition, OffsetAndMetadata> uncommitted = new HashMap<>();

  /**
   * @param joined called after each rebalance, whether it gave this consumer partitions or not
   */
  FeedbackOffsets(KafkaConsumer<byte[], byte[]> consumer, Duration commitMax, Runnable joined) {
    this.consumer = consumer;
    this.commitMax = commitMax;
    this.joined = joined;
  }

  /** All records up to this one are settled. */
  void settled(TopicPartition part, long offset) {
    uncommitted.put(part, new OffsetAndMetadata(offset + 1));
  }

  /**
   * Commits what is settled.
   *
   * @throws TimeoutException while the broker is away: told again, it is tried again
   */
  void commit() {
    if (uncommitted.isEmpty()) {
      return;
    }
    try {
      consumer.commitSync(uncommitted, commitMax);
    } catch (CommitFailedException | RebalanceInProgressException e) {
      // The partitions are given out anew: what is read again is known.
    }
    uncommitted.clear();
  }

  /** Whether the partitions have been given out since this reader came, none to it perhaps. */
  boolean isMember() {
    return member;
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> parts) {
    member = true;
    joined.run();
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> parts) {
    parts.forEach(uncommitted::remove);
  }
}
