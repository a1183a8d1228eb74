package io.trimtab.events;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What each of Kafka's clients is told: the operator's properties, and what must hold here. */
final class ClientProperties {
  /** For the headers of a record, which count as the record does. */
  static final int HEADERS_BYTES = 64 << 10;

  private static final int METADATA_AGE_MILLIS = 30_000;
  private static final int RECONNECT_PAUSE_MAX_MILLIS = 5_000;

  /** Long enough for a collector's pause, short enough that a dead reader's place is soon free. */
  private static final int SESSION_MILLIS = 10_000;

  private final EventSettings settings;
  private final String bootstrapServers;

  ClientProperties(EventSettings settings, String bootstrapServers) {
    this.settings = settings;
    this.bootstrapServers = bootstrapServers;
  }

  /**
   * For who sends.
   *
   * @param name of the client
   */
  Map<String, Object> producer(String name) {
    Map<String, Object> all = common(ProducerConfig.configNames(), name);
    EventLimits limits = settings.limits();
    int timeout = Math.toIntExact(limits.appendTimeout().toMillis());
    all.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 0);
    all.putIfAbsent(
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, EventSettings.requestTimeoutMillis(limits));
    all.putIfAbsent(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    all.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, timeout);
    all.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, timeout);
    all.put(ProducerConfig.ACKS_CONFIG, "all");
    all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, limits.recordBytesMax() + 2 * HEADERS_BYTES);
    // Never full before our own bound is reached, so that sending never waits for memory.
    all.put(
        ProducerConfig.BUFFER_MEMORY_CONFIG,
        2 * limits.inFlightBytesMax() + 2L * limits.recordBytesMax());
    all.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    all.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    return all;
  }

  /**
   * For a member of the group that reads feedback.
   *
   * @param pollRecordsMax records that are taken from the broker at a time
   */
  Map<String, Object> feedbackReader(int pollRecordsMax) {
    Map<String, Object> all = reader("feedback", settings.group());
    all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, pollRecordsMax);
    all.putIfAbsent(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_MILLIS);
    if (settings.embedded()) {
      // One process alone has the embedded broker, so it takes its place back at once when it
      // starts again after a kill, instead of waiting for the session of who it was to end.
      all.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, settings.group() + "-embedded");
    }
    return all;
  }

  /**
   * For who reads without others.
   *
   * @param name of the client
   * @param group under which offsets are kept
   */
  Map<String, Object> reader(String name, String group) {
    Map<String, Object> all = common(ConsumerConfig.configNames(), name);
    all.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, settings.limits().pollRecordsMax());
    all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    all.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    all.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    return all;
  }

  Map<String, Object> admin() {
    return common(AdminClientConfig.configNames(), "admin");
  }

  private Map<String, Object> common(Set<String> known, String name) {
    Map<String, Object> all = new HashMap<>();
    settings
        .client()
        .forEach(
            (key, value) -> {
              if (known.contains(key) || !isOfAnotherClient(key)) {
                all.put(key, value);
              }
            });
    all.putIfAbsent(
        CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, RECONNECT_PAUSE_MAX_MILLIS);
    all.putIfAbsent(CommonClientConfigs.METADATA_MAX_AGE_CONFIG, METADATA_AGE_MILLIS);
    all.putIfAbsent(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, "");
    all.putIfAbsent(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
    all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    all.put(CommonClientConfigs.CLIENT_ID_CONFIG, settings.group() + "-" + name);
    return all;
  }

  /** What no client knows may be for a plug-in of theirs, and goes to all. */
  private static boolean isOfAnotherClient(String key) {
    return ProducerConfig.configNames().contains(key)
        || ConsumerConfig.configNames().contains(key)
        || AdminClientConfig.configNames().contains(key);
  }
}
