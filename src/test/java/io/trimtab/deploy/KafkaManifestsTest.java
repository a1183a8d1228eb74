package io.trimtab.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.strimzi.api.kafka.model.kafka.Kafka;
import io.strimzi.api.kafka.model.kafka.KafkaResources;
import io.strimzi.api.kafka.model.kafka.listener.GenericKafkaListener;
import io.strimzi.api.kafka.model.nodepool.KafkaNodePool;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import io.strimzi.api.kafka.model.user.KafkaUser;
import io.strimzi.api.kafka.model.user.KafkaUserAuthorizationSimple;
import io.strimzi.api.kafka.model.user.acl.AclOperation;
import io.strimzi.api.kafka.model.user.acl.AclResourcePatternType;
import io.strimzi.api.kafka.model.user.acl.AclRule;
import io.strimzi.api.kafka.model.user.acl.AclRuleGroupResource;
import io.strimzi.api.kafka.model.user.acl.AclRuleTopicResource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Strimzi's resources, among each other and as the server's settings use them. */
class KafkaManifestsTest {
  private static final String CLUSTER = "trimtab-events";

  private final Overlay overlay = Overlay.of("cpu");
  private final Map<String, String> settings = overlay.settings();
  private final Kafka kafka = overlay.one(Kafka.class, CLUSTER);

  @Test
  void everythingBelongsToTheOneCluster() {
    List.of(KafkaNodePool.class, KafkaTopic.class, KafkaUser.class)
        .forEach(
            kind ->
                assertThat(overlay.all(kind))
                    .isNotEmpty()
                    .allSatisfy(
                        each ->
                            assertThat(each.getMetadata().getLabels())
                                .containsEntry("strimzi.io/cluster", CLUSTER)));
  }

  @Test
  void theServerCallsTheListenerThatTheClusterHas() {
    GenericKafkaListener listener = kafka.getSpec().getKafka().getListeners().getFirst();
    assertThat(settings)
        .containsEntry(
            "trimtab.kafka.bootstrap-servers",
            "%s:%d".formatted(KafkaResources.bootstrapServiceName(CLUSTER), listener.getPort()))
        .containsEntry(client("security.protocol"), "SASL_SSL")
        .containsEntry(client("sasl.mechanism"), "SCRAM-SHA-512");
    assertThat(listener.isTls()).isTrue();
    assertThat(listener.getAuth().getType()).isEqualTo("scram-sha-512");
    for (NetworkPolicy policy : overlay.all(NetworkPolicy.class)) {
      policy.getSpec().getEgress().stream()
          .filter(rule -> rule.getTo().getFirst().getPodSelector() != null)
          .forEach(
              rule ->
                  assertThat(rule.getPorts().getFirst().getPort().getIntVal())
                      .isEqualTo(listener.getPort()));
    }
    Map<String, String> peers =
        listener.getNetworkPolicyPeers().getFirst().getPodSelector().getMatchLabels();
    for (Deployment role : overlay.all(Deployment.class)) {
      assertThat(role.getSpec().getTemplate().getMetadata().getLabels())
          .containsAllEntriesOf(peers);
    }
  }

  /** The names of Secrets are Strimzi's rule: the user's own, and the cluster's with an ending. */
  @Test
  void theSecretsAreThoseThatStrimziMakes() {
    KafkaUser user = overlay.one(KafkaUser.class, "trimtab-server");
    assertThat(user.getSpec().getAuthentication().getType()).isEqualTo("scram-sha-512");
    for (Deployment role : overlay.all(Deployment.class)) {
      assertThat(secret(role, "kafka-user")).isEqualTo(user.getMetadata().getName());
      assertThat(secret(role, "kafka-ca"))
          .isEqualTo(KafkaResources.clusterCaCertificateSecretName(CLUSTER));
    }
  }

  @Test
  void theServerMayDoWhatItDoesAndNoMore() {
    assertThat(acls("trimtab-server"))
        .allSatisfy(
            acl ->
                assertThat(acl.getOperations())
                    .doesNotContain(AclOperation.ALL, AclOperation.CREATE, AclOperation.DELETE));
    AclRuleTopicResource topics =
        (AclRuleTopicResource) acls("trimtab-server").get(0).getResource();
    assertThat(topics.getPatternType()).isEqualTo(AclResourcePatternType.PREFIX);
    assertThat(overlay.all(KafkaTopic.class))
        .allMatch(topic -> topic.getMetadata().getName().startsWith(topics.getName()));
    AclRuleGroupResource groups =
        (AclRuleGroupResource) acls("trimtab-server").get(1).getResource();
    assertThat(groups.getName()).isEqualTo("trimtab");
    assertThat(acls("trimtab-application")).hasSize(1);
    AclRuleTopicResource feedback =
        (AclRuleTopicResource) acls("trimtab-application").getFirst().getResource();
    assertThat(overlay.one(KafkaTopic.class, feedback.getName())).isNotNull();
  }

  @Test
  void theClusterHasRoomForItsReplicas() {
    int nodes = overlay.one(KafkaNodePool.class, "nodes").getSpec().getReplicas();
    assertThat(overlay.all(KafkaTopic.class))
        .allSatisfy(topic -> assertThat(topic.getSpec().getReplicas()).isEqualTo(nodes));
    assertThat(kafka.getSpec().getKafka().getConfig())
        .containsEntry("default.replication.factor", nodes)
        .containsEntry("min.insync.replicas", nodes - 1)
        .containsEntry("auto.create.topics.enable", false);
    assertThat(settings).containsEntry("trimtab.kafka.replication", Integer.toString(nodes));
  }

  private List<AclRule> acls(String user) {
    return ((KafkaUserAuthorizationSimple)
            overlay.one(KafkaUser.class, user).getSpec().getAuthorization())
        .getAcls();
  }

  private static String client(String property) {
    return "trimtab.kafka.client.\"%s\"".formatted(property);
  }

  private static String secret(Deployment role, String volume) {
    return Overlay.pod(role).getVolumes().stream()
        .filter(each -> each.getName().equals(volume))
        .map(Volume::getSecret)
        .findFirst()
        .orElseThrow()
        .getSecretName();
  }
}
