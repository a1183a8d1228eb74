package io.trimtab.events;

import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which broker, and how it is used.
 *
 * @param bootstrapServers {@code host:port}, several with commas; empty for the embedded broker
 * @param embeddedPort of the embedded broker; 0 for its last one where that is free, else any
 * @param topicPrefix first part of all topics' names
 * @param partitions of topics that are made here, 1 and above
 * @param replication of topics that are made here, 1 and above; at the embedded broker always 1
 * @param group of those who read feedback: each record is read by one of them
 * @param source what the events written here name as theirs (CloudEvents: a URI reference)
 * @param client properties of Kafka's clients (SASL, TLS, timeouts), by Kafka's names
 */
public record EventSettings(
    String bootstrapServers,
    int embeddedPort,
    String topicPrefix,
    int partitions,
    short replication,
    String group,
    String source,
    Map<String, String> client,
    EventLimits limits) {
  /** What is kept by what stands here, or has a setting of its own. */
  private static final Set<String> RESERVED =
      Set.of(
          "bootstrap.servers",
          "client.id",
          "key.serializer",
          "value.serializer",
          "key.deserializer",
          "value.deserializer",
          "acks",
          "enable.idempotence",
          "transactional.id",
          "partitioner.class",
          "partitioner.ignore.keys",
          "max.request.size",
          "buffer.memory",
          "delivery.timeout.ms",
          "max.block.ms",
          "group.id",
          "group.instance.id",
          "enable.auto.commit",
          "auto.offset.reset",
          "isolation.level",
          "max.poll.records");

  private static final String REQUEST_TIMEOUT = "request.timeout.ms";
  private static final String LINGER = "linger.ms";

  private static final Pattern SERVERS =
      Pattern.compile("[^\\s,:\\[\\]]+:[0-9]{1,5}(,[^\\s,:\\[\\]]+:[0-9]{1,5})*|\\[.*");

  /** Kafka's topics have names of at most 249 of these; some are left for the names' ends. */
  private static final Pattern PREFIX = Pattern.compile("[a-zA-Z0-9_-][a-zA-Z0-9._-]{0,199}");

  public EventSettings {
    client = Map.copyOf(client);
    require(
        bootstrapServers.isEmpty() || SERVERS.matcher(bootstrapServers).matches(),
        "bootstrap-servers",
        bootstrapServers,
        "host:port, several with commas");
    require(embeddedPort >= 0 && embeddedPort <= 65535, "port", embeddedPort, "0 to 65535");
    require(PREFIX.matcher(topicPrefix).matches(), "topic-prefix", topicPrefix, PREFIX.pattern());
    require(partitions >= 1 && partitions <= 10_000, "partitions", partitions, "1 to 10000");
    require(replication >= 1, "replication", replication, "1 and above");
    require(PREFIX.matcher(group).matches(), "group", group, PREFIX.pattern());
    require(!source.isBlank(), "source", source, "a URI reference");
    Set<String> reserved = new TreeSet<>(client.keySet());
    reserved.retainAll(RESERVED);
    require(reserved.isEmpty(), "client", reserved, "none of what Trimtab sets itself");
    requireRoomForARequest(client, limits);
  }

  /** Kafka's own words name {@code delivery.timeout.ms}, which nobody may set here. */
  private static void requireRoomForARequest(Map<String, String> client, EventLimits limits) {
    long append = limits.appendTimeout().toMillis();
    long request = millis(client, REQUEST_TIMEOUT, requestTimeoutMillis(limits));
    long linger = millis(client, LINGER, 0);
    require(
        request + linger <= append,
        "append-seconds",
        append / 1000.0,
        "at least what client.\"%s\" (%d) and client.\"%s\" (%d) are together"
            .formatted(REQUEST_TIMEOUT, request, LINGER, linger));
  }

  private static long millis(Map<String, String> client, String name, int usual) {
    String value = client.get(name);
    if (value == null) {
      return usual;
    }
    try {
      return Integer.parseInt(value.trim());
    } catch (NumberFormatException e) {
      throw TrimtabException.invalid(
          "trimtab.kafka.client.\"%s\" is %s, expected milliseconds"
              .formatted(name, Quoted.of(value)));
    }
  }

  /** Unless another is given: Kafka wants room for a request, and for a second try. */
  static int requestTimeoutMillis(EventLimits limits) {
    return Math.toIntExact(Math.max(50, limits.appendTimeout().toMillis() / 2));
  }

  /** The embedded broker, on any port. */
  public static EventSettings defaults() {
    return new EventSettings(
        "", 0, "trimtab", 4, (short) 1, "trimtab", "/trimtab", Map.of(), EventLimits.defaults());
  }

  /** Whether the broker runs in this process. */
  public boolean embedded() {
    return bootstrapServers.isEmpty();
  }

  private static void require(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      throw TrimtabException.invalid(
          "trimtab.kafka.%s is %s, expected %s"
              .formatted(field, Quoted.of(value.toString()), expected));
    }
  }
}
