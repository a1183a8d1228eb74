package io.trimtab.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/**
 * Tells other replicas that an adapter has a newer version, and hears it from them. A notice says
 * no more than that: what the version is stands in the store. A change here never waits for the
 * broker; of each adapter the latest notice is sent when it is back. What the topic does not say at
 * the start, though it stands in the store, is told then: who wrote it may have been killed before,
 * or the store was put back from a copy and its versions count anew.
 *
 * <p>Two threads from {@link #start} to {@link #close}: one sends, one reads the compacted topic
 * from its beginning on.
 */
public final class AdapterNotices implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(AdapterNotices.class.getName());
  private static final String TYPE = "io.trimtab.adapter.v1";
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration ASK_MAX = Duration.ofSeconds(5);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(10);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String topic;
  private final ClientProperties properties;
  private final EventRecords records;
  private final RecordSender sender;
  private final EventLimits limits;
  private final String group;
  private final Consumer<AdapterId> newer;
  private final Supplier<List<AdapterSnapshot>> known;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread telling;
  private final Thread hearing;
  private volatile @Nullable KafkaConsumer<byte[], byte[]> reading;

  /** Latest of each adapter that is to be told; the monitor guards it. */
  private final Map<AdapterId, AdapterSnapshot> untold = new LinkedHashMap<>();

  /** Highest version told or heard since the start; the monitor guards it. */
  private final Map<AdapterId, Long> versions = new HashMap<>();

  /**
   * @param newer called for each adapter of which a newer version was heard of; must return at once
   * @param known what is known of all adapters when it is asked for
   */
  AdapterNotices(
      String topic,
      ClientProperties properties,
      EventRecords records,
      RecordSender sender,
      EventLimits limits,
      String group,
      Consumer<AdapterId> newer,
      Supplier<List<AdapterSnapshot>> known) {
    this.topic = topic;
    this.properties = properties;
    this.records = records;
    this.sender = sender;
    this.limits = limits;
    this.group = group;
    this.newer = newer;
    this.known = known;
    this.telling = Thread.ofPlatform().daemon().name("events notices").unstarted(this::tell);
    this.hearing = Thread.ofPlatform().daemon().name("events heard").unstarted(this::hear);
  }

  void start() {
    telling.start();
    hearing.start();
  }

  /** A version that was written or seen here. Returns at once. */
  public synchronized void announce(AdapterSnapshot snapshot) {
    if (versions.getOrDefault(snapshot.id(), 0L) >= snapshot.version()) {
      return;
    }
    versions.put(snapshot.id(), snapshot.version());
    if (untold.size() >= limits.noticesMax() && !untold.containsKey(snapshot.id())) {
      // Its replicas find it at their next start, or with its next change.
      untold.remove(untold.keySet().iterator().next());
    }
    untold.put(snapshot.id(), snapshot);
    notifyAll();
  }

  /**
   * What the topic says. Whatever is announced from now on is told, whether newer than that or not.
   */
  private synchronized Map<AdapterId, Long> said() {
    Map<AdapterId, Long> said = Map.copyOf(versions);
    versions.clear();
    return said;
  }

  /**
   * The store has the last word: one that was put back from a copy is behind what the topic says,
   * and its next changes would pass for old. What the topic does not say, or says otherwise, is
   * told; and where more is said than is known, the store is looked at once more.
   */
  private void startFrom(Map<AdapterId, Long> said) {
    Set<AdapterId> behind = new HashSet<>(said.keySet());
    // Not under the monitor: a registry announces while it holds its own lock, which known.get()
    // wants. What was announced in vain before the versions were cleared is known by now.
    for (AdapterSnapshot snapshot : known.get()) {
      long version = said.getOrDefault(snapshot.id(), 0L);
      if (version <= snapshot.version()) {
        behind.remove(snapshot.id());
      }
      if (version != snapshot.version() || !isNewer(snapshot.id(), version)) {
        announce(snapshot);
      }
    }
    behind.forEach(newer);
  }

  private synchronized AdapterSnapshot next() throws InterruptedException {
    while (untold.isEmpty()) {
      wait();
    }
    return untold.values().iterator().next();
  }

  private synchronized void told(AdapterSnapshot snapshot) {
    untold.remove(snapshot.id(), snapshot);
  }

  private void tell() {
    Pauses pauses = new Pauses(limits);
    try {
      while (!isClosing()) {
        AdapterSnapshot snapshot = next();
        try {
          byte[] json = json(snapshot);
          String key = snapshot.id().tenant() + "/" + snapshot.id().name();
          String id = key + "/" + snapshot.version();
          sender.send(json.length, () -> records.write(topic, key, TYPE, id, json)).join();
          told(snapshot);
          pauses.reset();
        } catch (RuntimeException | Error e) {
          // Of too little memory, too: it is told when there is enough again.
          if (closing.await(pauses.next().toMillis(), TimeUnit.MILLISECONDS)) {
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static byte[] json(AdapterSnapshot snapshot) {
    ObjectNode json = JSON.createObjectNode();
    json.put("tenant", snapshot.id().tenant());
    json.put("adapter", snapshot.id().name());
    json.put("version", snapshot.version());
    json.put("existence", snapshot.existence().name());
    json.put("active_revision", snapshot.activeRevision());
    json.put("last_revision", snapshot.lastRevision());
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void hear() {
    Pauses pauses = new Pauses(limits);
    while (!isClosing()) {
      try (KafkaConsumer<byte[], byte[]> consumer =
          new KafkaConsumer<>(properties.reader("notices", group + "-notices"))) {
        reading = consumer;
        List<TopicPartition> parts =
            consumer.partitionsFor(topic, ASK_MAX).stream()
                .map(part -> new TopicPartition(part.topic(), part.partition()))
                .toList();
        if (parts.isEmpty()) {
          pause(pauses);
          continue;
        }
        // Every replica reads all of it: no group, no offsets kept.
        consumer.assign(parts);
        consumer.seekToBeginning(parts);
        readTo(consumer, consumer.endOffsets(parts, ASK_MAX));
        startFrom(said());
        while (!isClosing()) {
          consumer.poll(POLL).forEach(this::heard);
          pauses.reset();
        }
      } catch (WakeupException e) {
        // Closing.
      } catch (KafkaException e) {
        pause(pauses);
      } catch (RuntimeException | Error e) {
        LOG.log(System.Logger.Level.ERROR, "Notices of adapters can't be read; tried again", e);
        pause(pauses);
      }
    }
    reading = null;
  }

  private void readTo(KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    while (!isClosing()
        && ends.entrySet().stream()
            .anyMatch(end -> consumer.position(end.getKey(), ASK_MAX) < end.getValue())) {
      consumer.poll(POLL).forEach(this::heard);
    }
  }

  private void heard(ConsumerRecord<byte[], byte[]> record) {
    AdapterId id;
    long version;
    try {
      CloudEvent event = records.read(record.headers(), record.value());
      CloudEventData data = event.getData();
      if (!event.getType().equals(TYPE) || data == null) {
        return;
      }
      JsonNode json = JSON.readTree(data.toBytes());
      id = new AdapterId(json.path("tenant").asText(), json.path("adapter").asText());
      version = json.path("version").asLong();
    } catch (TrimtabException | IOException | IllegalArgumentException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "A record on {0} is no notice of an adapter: {1}",
          topic,
          e.getMessage());
      return;
    }
    if (isNewer(id, version)) {
      newer.accept(id);
    }
  }

  private synchronized boolean isNewer(AdapterId id, long version) {
    if (versions.getOrDefault(id, 0L) >= version) {
      return false;
    }
    versions.put(id, version);
    return true;
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void pause(Pauses pauses) {
    try {
      var _ = closing.await(pauses.next().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    telling.interrupt();
    KafkaConsumer<byte[], byte[]> now = reading;
    if (now != null) {
      now.wakeup();
    }
    try {
      var _ = telling.join(CLOSE_MAX);
      var _ = hearing.join(CLOSE_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
