package io.trimtab.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.deploy.DeployedKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.SaslConfigs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The topics and clients of k8s/ are those that the server would make itself. */
class ManifestTopicsTest {
  @TempDir Path folder;

  @Test
  void theTopicsAreAsTheServerWouldMakeThem() {
    Map<String, Map<String, Object>> declared = new TreeMap<>(DeployedKafka.topics());
    EventSettings settings = EventSettings.defaults();
    List<NewTopic> wanted = Topics.wanted(TopicNames.of(settings.topicPrefix()), settings);
    assertThat(declared.keySet())
        .containsExactlyInAnyOrderElementsOf(wanted.stream().map(NewTopic::name).toList());
    for (NewTopic topic : wanted) {
      Map<String, Object> config = Objects.requireNonNull(declared.get(topic.name()));
      topic
          .configs()
          .forEach((key, value) -> assertThat(config.get(key)).asString().isEqualTo(value));
      assertThat(config.get("partitions")).isEqualTo(topic.numPartitions());
      assertThat(config.containsKey("retention.ms"))
          .as("kept by time, or the latest of each key")
          .isEqualTo("delete".equals(topic.configs().get("cleanup.policy")));
    }
  }

  /** Kafka's client finds the password in the mounted file, and the environment never has it. */
  @Test
  void theClientsReadTheirPasswordFromTheMountedSecret() throws Exception {
    Map<String, String> client = new HashMap<>(DeployedKafka.clientProperties());
    Files.writeString(folder.resolve(SaslConfigs.SASL_JAAS_CONFIG), "module required secret;");
    client.replaceAll((key, value) -> value.replace("/etc/trimtab/kafka-user", folder.toString()));
    EventSettings settings =
        new EventSettings(
            DeployedKafka.bootstrapServers(),
            0,
            "trimtab",
            4,
            (short) 3,
            "trimtab",
            "/trimtab",
            client,
            EventLimits.defaults());
    Map<String, Object> producer =
        new ClientProperties(settings, settings.bootstrapServers()).producer("events");
    assertThat(new ProducerConfig(producer).getPassword(SaslConfigs.SASL_JAAS_CONFIG).value())
        .isEqualTo("module required secret;");
  }
}
