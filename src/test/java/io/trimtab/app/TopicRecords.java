package io.trimtab.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A topic from its beginning on, as a stranger's Kafka client sees it: the records of earlier runs
 * over the same data are among them. One thread.
 */
final class TopicRecords implements AutoCloseable {
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String topic;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();

  /**
   * @param servers {@code host:port} of the broker
   */
  TopicRecords(String servers, String topic) {
    this.topic = topic;
    this.consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", servers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(each -> new TopicPartition(topic, each.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /**
   * Reads all there is, and on until that is enough, or 60 s are over.
   *
   * @return all that has been read
   */
  List<ConsumerRecord<byte[], byte[]>> until(
      Predicate<List<ConsumerRecord<byte[], byte[]>>> enough) {
    long end = System.nanoTime() + WAIT_MAX.toNanos();
    readToTheEnd();
    while (!enough.test(List.copyOf(read)) && System.nanoTime() < end) {
      consumer.poll(Duration.ofMillis(100)).forEach(read::add);
    }
    return List.copyOf(read);
  }

  private void readToTheEnd() {
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
    while (ends.entrySet().stream()
        .anyMatch(each -> consumer.position(each.getKey()) < each.getValue())) {
      consumer.poll(Duration.ofMillis(100)).forEach(read::add);
    }
  }

  /** A record's value. */
  static JsonNode json(ConsumerRecord<byte[], byte[]> record) {
    try {
      return JSON.readTree(record.value());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return topic;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
