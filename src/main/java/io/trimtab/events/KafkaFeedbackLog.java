package io.trimtab.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.feedback.FeedbackLog;
import io.trimtab.adapter.AdapterId;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.TextPart;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.Utils;

/** The feedback topic, as those see it who append to it. Any thread. */
final class KafkaFeedbackLog implements FeedbackLog {
  private static final Duration ASK_MAX = Duration.ofSeconds(2);
  private static final Duration POLL = Duration.ofMillis(500);

  /** What every record takes beside what was said: ids, headers, and the objects that hold it. */
  private static final long RECORD_BYTES = 1 << 10;

  /** Without a letter for so long, there are none left. */
  private static final Duration REDRIVE_QUIET = Duration.ofSeconds(3);

  private final TopicNames topics;
  private final FeedbackEvents events;
  private final RecordSender sender;
  private final DeadLetters deadLetters;
  private final BrokerAdmin admin;
  private final ClientProperties properties;
  private final String group;

  KafkaFeedbackLog(
      TopicNames topics,
      FeedbackEvents events,
      RecordSender sender,
      DeadLetters deadLetters,
      BrokerAdmin admin,
      ClientProperties properties,
      String group) {
    this.topics = topics;
    this.events = events;
    this.sender = sender;
    this.deadLetters = deadLetters;
    this.admin = admin;
    this.properties = properties;
    this.group = group;
  }

  @Override
  public CompletableFuture<Position> append(Feedback feedback) {
    return sender
        .send(bytes(feedback), () -> events.write(feedback))
        .thenApply(metadata -> new Position(metadata.partition(), metadata.offset()));
  }

  /** About what the feedback takes while it waits: texts, and pictures whole. */
  static long bytes(Feedback feedback) {
    long bytes = RECORD_BYTES + feedback.answer().length() + feedback.correction().length();
    for (ChatMessage message : feedback.messages()) {
      for (ContentPart part : message.parts()) {
        bytes +=
            switch (part) {
              case TextPart(String text) -> text.length();
              case PicturePart(Picture picture) -> picture.encoded().length;
            };
      }
    }
    for (String tag : feedback.tags()) {
      bytes += tag.length();
    }
    return bytes;
  }

  @Override
  public OptionalLong lag(String tenant) {
    try {
      return admin.ask(broker -> lag(broker, tenant));
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      return OptionalLong.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalLong.empty();
    }
  }

  private OptionalLong lag(Admin broker, String tenant)
      throws ExecutionException, InterruptedException, TimeoutException {
    TopicDescription topic =
        broker
            .describeTopics(List.of(topics.feedback()))
            .allTopicNames()
            .get(ASK_MAX.toMillis(), TimeUnit.MILLISECONDS)
            .get(topics.feedback());
    if (topic == null) {
      return OptionalLong.empty();
    }
    int partitions = topic.partitions().size();
    // As Kafka's own partitioner places a key.
    int partition = Utils.toPositive(Utils.murmur2(tenant.getBytes(UTF_8))) % partitions;
    TopicPartition part = new TopicPartition(topics.feedback(), partition);
    long end =
        broker
            .listOffsets(Map.of(part, OffsetSpec.latest()))
            .partitionResult(part)
            .get(ASK_MAX.toMillis(), TimeUnit.MILLISECONDS)
            .offset();
    OffsetAndMetadata read =
        broker
            .listConsumerGroupOffsets(group)
            .partitionsToOffsetAndMetadata()
            .get(ASK_MAX.toMillis(), TimeUnit.MILLISECONDS)
            .get(part);
    return OptionalLong.of(Math.max(0, end - (read == null ? 0 : read.offset())));
  }

  @Override
  public long deadLettered(AdapterId adapter) {
    return deadLetters.count(adapter);
  }

  /**
   * Goes on behind the last one that was sent again: a letter is sent once, unless a kill comes.
   */
  @Override
  public CompletableFuture<Long> redrive(String tenant, int max) {
    CompletableFuture<Long> sent = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("events redrive")
        .start(
            () -> {
              try {
                sent.complete(redriven(tenant, max));
              } catch (RuntimeException e) {
                sent.completeExceptionally(KafkaFailure.of(e));
              }
            });
    return sent;
  }

  private long redriven(String tenant, int max) {
    try (KafkaConsumer<byte[], byte[]> letters =
        new KafkaConsumer<>(properties.reader("redrive", group + "-redrive-" + tenant))) {
      List<TopicPartition> parts =
          letters.partitionsFor(topics.deadLetters(), ASK_MAX).stream()
              .map(part -> new TopicPartition(part.topic(), part.partition()))
              .toList();
      letters.assign(parts);
      return redriven(letters, parts, tenant, max, this::sendAgain);
    } catch (KafkaException e) {
      throw KafkaFailure.of(e);
    }
  }

  /**
   * Sends a tenant's letters again, up to the ends that the partitions have now: what comes while
   * this goes on is for the next time, lest a bad one goes round for ever. Commits behind each.
   *
   * @param letters reads these partitions
   * @return how many were sent
   */
  static long redriven(
      Consumer<byte[], byte[]> letters,
      List<TopicPartition> parts,
      String tenant,
      int max,
      java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> sendAgain) {
    Map<TopicPartition, Long> ends = letters.endOffsets(parts, ASK_MAX);
    long sent = 0;
    long quietSince = System.nanoTime();
    while (sent < max && behind(letters, ends)) {
      ConsumerRecords<byte[], byte[]> records = letters.poll(POLL);
      if (records.isEmpty()) {
        if (System.nanoTime() - quietSince > REDRIVE_QUIET.toNanos()) {
          break;
        }
        continue;
      }
      quietSince = System.nanoTime();
      for (TopicPartition part : records.partitions()) {
        for (ConsumerRecord<byte[], byte[]> letter : records.records(part)) {
          if (sent == max) {
            return sent;
          }
          if (letter.offset() >= ends.getOrDefault(part, 0L)) {
            // The other partitions go on without this one.
            letters.pause(List.of(part));
            break;
          }
          if (isOf(letter, tenant)) {
            sendAgain.accept(letter);
            sent++;
          }
          letters.commitSync(Map.of(part, new OffsetAndMetadata(letter.offset() + 1)));
        }
      }
    }
    return sent;
  }

  private static boolean behind(Consumer<byte[], byte[]> letters, Map<TopicPartition, Long> ends) {
    Map<TopicPartition, Long> at = new HashMap<>();
    ends.forEach((part, _) -> at.put(part, letters.position(part, ASK_MAX)));
    return ends.entrySet().stream()
        .anyMatch(end -> at.getOrDefault(end.getKey(), 0L) < end.getValue());
  }

  private static boolean isOf(ConsumerRecord<byte[], byte[]> letter, String tenant) {
    return EventRecords.header(letter.headers(), DeadLetters.TENANT).equals(tenant)
        && letter.headers().lastHeader(DeadLetters.CUT) == null;
  }

  private void sendAgain(ConsumerRecord<byte[], byte[]> letter) {
    List<Header> headers = DeadLetters.own(letter.headers());
    byte[] value = letter.value();
    sender
        .send(
            value == null ? 0 : value.length,
            () -> new ProducerRecord<>(topics.feedback(), null, null, letter.key(), value, headers))
        .join();
  }
}
