package io.trimtab.events;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * One of Kafka's producers, and whether it is worth keeping. The sender's thread calls it; Kafka's
 * own tells it how records end.
 */
final class OpenProducer {
  private final KafkaProducer<byte[], byte[]> producer;

  /** Why the latest record that ended was not acknowledged; null where it was. */
  private volatile @Nullable Throwable failure;

  OpenProducer(Map<String, Object> properties) {
    this.producer = new KafkaProducer<>(properties);
  }

  /**
   * Sends a record; may block for a bounded time.
   *
   * @param told once, on Kafka's thread or this one, where this does not throw
   */
  void send(ProducerRecord<byte[], byte[]> record, Callback told) {
    try {
      producer.send(
          record,
          (metadata, failed) -> {
            ended(failed);
            told.onCompletion(metadata, failed);
          });
    } catch (RuntimeException e) {
      ended(e);
      throw e;
    }
  }

  private void ended(@Nullable Exception failed) {
    if (failed == null) {
      failure = null;
    } else if (!KafkaFailure.isTooLarge(failed)) {
      failure = failed;
    }
  }

  /** Whether another should take its place: it fails, and was refused a login. */
  boolean isSpent() {
    Throwable now = failure;
    return now != null && FailedLogins.explain(now, producer.metrics());
  }

  /** Ends it; what is not acknowledged after that long fails. */
  void close(Duration wait) {
    producer.close(wait);
  }
}
