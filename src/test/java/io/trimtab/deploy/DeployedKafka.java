package io.trimtab.deploy;

import io.strimzi.api.kafka.model.topic.KafkaTopic;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.config.Config;

/** What k8s/ says of Kafka, for tests of those who use it. */
public final class DeployedKafka {
  private static final String CLIENT = "trimtab.kafka.client.";

  private DeployedKafka() {}

  /** The topics' settings by their names, with their number of partitions among them. */
  public static Map<String, Map<String, Object>> topics() {
    Map<String, Map<String, Object>> topics = new TreeMap<>();
    for (KafkaTopic topic : Overlay.of("cpu").all(KafkaTopic.class)) {
      Map<String, Object> config = new HashMap<>(topic.getSpec().getConfig());
      config.put("partitions", topic.getSpec().getPartitions());
      topics.put(topic.getMetadata().getName(), config);
    }
    return topics;
  }

  /** Properties of Kafka's clients, as the server gets them. */
  public static Map<String, String> clientProperties() {
    Map<String, String> properties = new TreeMap<>();
    Config config = config();
    config
        .getPropertyNames()
        .forEach(
            name -> {
              if (name.startsWith(CLIENT)) {
                properties.put(
                    name.substring(CLIENT.length()).replace("\"", ""),
                    config.getValue(name, String.class));
              }
            });
    return properties;
  }

  public static String bootstrapServers() {
    return config().getValue("trimtab.kafka.bootstrap-servers", String.class);
  }

  private static Config config() {
    Map<String, String> settings = new TreeMap<>(Overlay.of("cpu").settings());
    settings.keySet().removeIf(name -> !name.startsWith("trimtab.kafka."));
    return ServerSettings.read(settings, Map.of());
  }
}
