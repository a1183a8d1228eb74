package io.trimtab.events;

import io.trimtab.adaptation.feedback.FeedbackProgress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** How far the group that reads feedback has committed, as the broker says. Any thread. */
final class KafkaFeedbackProgress implements FeedbackProgress {
  private static final Duration ASK_MAX = Duration.ofSeconds(5);

  private final String topic;
  private final String group;
  private final BrokerAdmin admin;
  private final Clock clock;

  /** Its monitor is held for one answer at a time. */
  private final SettledMoment moment = new SettledMoment();

  KafkaFeedbackProgress(String topic, String group, BrokerAdmin admin, Clock clock) {
    this.topic = topic;
    this.group = group;
    this.admin = admin;
    this.clock = clock;
  }

  @Override
  public Optional<Instant> settledUntil() {
    try {
      return admin.ask(this::settledUntil);
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private Optional<Instant> settledUntil(Admin broker)
      throws ExecutionException, InterruptedException, TimeoutException {
    // Before the broker is asked: what comes meanwhile is not promised.
    Instant now = clock.instant();
    TopicDescription described =
        get(broker.describeTopics(List.of(topic)).allTopicNames()).get(topic);
    if (described == null) {
      return Optional.empty();
    }
    List<TopicPartition> parts =
        described.partitions().stream()
            .map(part -> new TopicPartition(topic, part.partition()))
            .toList();
    Map<TopicPartition, Long> ends = offsets(broker, parts, OffsetSpec.latest());
    // Where nothing is committed the group begins; what has expired it passes over.
    Map<TopicPartition, Long> read = offsets(broker, parts, OffsetSpec.earliest());
    Map<TopicPartition, OffsetAndMetadata> committed =
        get(broker.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
    committed.forEach(
        (part, offset) -> {
          if (offset != null) {
            read.computeIfPresent(part, (_, first) -> Math.max(first, offset.offset()));
          }
        });
    synchronized (moment) {
      return moment.after(now, ends, read);
    }
  }

  private static Map<TopicPartition, Long> offsets(
      Admin broker, Collection<TopicPartition> parts, OffsetSpec which)
      throws ExecutionException, InterruptedException, TimeoutException {
    Map<TopicPartition, OffsetSpec> asked =
        parts.stream().collect(Collectors.toMap(Function.identity(), _ -> which));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    for (Map.Entry<TopicPartition, ListOffsetsResultInfo> each :
        get(broker.listOffsets(asked).all()).entrySet()) {
      offsets.put(each.getKey(), each.getValue().offset());
    }
    return offsets;
  }

  private static <T> T get(KafkaFuture<T> answer)
      throws ExecutionException, InterruptedException, TimeoutException {
    return answer.get(ASK_MAX.toMillis(), TimeUnit.MILLISECONDS);
  }
}
