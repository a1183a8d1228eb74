package io.trimtab.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** A feedback topic of one partition, as a stranger's Kafka client sees it. One thread. */
final class FeedbackTopic implements AutoCloseable {
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);

  private final String topic;
  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> letters;
  private final List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();

  /**
   * @param more of the producer's properties
   */
  FeedbackTopic(String servers, String prefix, Map<String, Object> more) {
    this.topic = prefix + ".feedback";
    Map<String, Object> producing = new HashMap<>(Map.of("bootstrap.servers", servers));
    producing.putAll(more);
    this.producer =
        new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer());
    this.letters =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", servers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    TopicPartition part = new TopicPartition(prefix + ".feedback.dlq", 0);
    letters.assign(List.of(part));
    letters.seekToBeginning(List.of(part));
  }

  /** Headers of an event of ours in binary mode. */
  static Map<String, byte[]> binary(String id) {
    Map<String, byte[]> headers = new HashMap<>();
    Map.of(
            "ce_specversion", "1.0",
            "ce_type", FeedbackEvents.TYPE,
            "ce_source", "/app",
            "ce_id", id,
            "content-type", "application/json")
        .forEach((name, text) -> headers.put(name, text.getBytes(UTF_8)));
    return headers;
  }

  /** Waits for the broker's word, whose refusal is thrown as it is. */
  RecordMetadata send(byte @Nullable [] key, byte @Nullable [] value, Map<String, byte[]> headers)
      throws Exception {
    return send(null, key, value, headers);
  }

  /**
   * @param timestamp the sender's clock, in milliseconds since 1970; null for this machine's
   */
  RecordMetadata send(
      @Nullable Long timestamp,
      byte @Nullable [] key,
      byte @Nullable [] value,
      Map<String, byte[]> headers)
      throws Exception {
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, 0, timestamp, key, value);
    headers.forEach((name, text) -> record.headers().add(name, text));
    try {
      return producer.send(record).get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception refusal ? refusal : e;
    }
  }

  /** The dead letter of the record at that offset. */
  ConsumerRecord<byte[], byte[]> letter(long offset) {
    await(
        () -> {
          letters.poll(Duration.ofMillis(100)).forEach(found::add);
          return found.stream().anyMatch(letter -> isOf(letter, offset));
        });
    return found.stream().filter(letter -> isOf(letter, offset)).findFirst().orElseThrow();
  }

  private static boolean isOf(ConsumerRecord<byte[], byte[]> letter, long offset) {
    return header(letter, "trimtab-offset").equals(Long.toString(offset));
  }

  static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return EventRecords.header(record.headers(), name);
  }

  static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + WAIT_MAX.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("Waited in vain for " + WAIT_MAX);
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
    letters.close();
  }
}
