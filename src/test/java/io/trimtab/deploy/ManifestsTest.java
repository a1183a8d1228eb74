package io.trimtab.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the manifests say of each other and of the server: labels, ports, probes, its end. */
class ManifestsTest {
  static List<Overlay> overlays() {
    return Overlay.all();
  }

  static List<Deployment> roles(Overlay overlay) {
    List<Deployment> roles = overlay.all(Deployment.class);
    assertThat(roles)
        .extracting(role -> Overlay.environment(role).get("TRIMTAB_ROLE"))
        .containsExactlyInAnyOrder("serve", "tune");
    return roles;
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void everySelectorFindsThePodsItIsMeantFor(Overlay overlay) {
    for (Deployment role : roles(overlay)) {
      Map<String, String> pod = labels(role);
      assertThat(pod).containsAllEntriesOf(role.getSpec().getSelector().getMatchLabels());
      Overlay.pod(role)
          .getTopologySpreadConstraints()
          .forEach(
              each ->
                  assertThat(found(overlay, each.getLabelSelector().getMatchLabels()))
                      .containsExactly(role.getMetadata().getName()));
    }
    for (Service service : overlay.all(Service.class)) {
      assertThat(found(overlay, service.getSpec().getSelector())).containsExactly("trimtab-serve");
    }
    for (PodDisruptionBudget budget : overlay.all(PodDisruptionBudget.class)) {
      assertThat(found(overlay, budget.getSpec().getSelector().getMatchLabels()))
          .containsExactly("trimtab-serve");
    }
    List<String> guarded = new ArrayList<>();
    for (NetworkPolicy policy : overlay.all(NetworkPolicy.class)) {
      if (policy.getSpec().getPolicyTypes().containsAll(List.of("Ingress", "Egress"))) {
        guarded.addAll(found(overlay, policy.getSpec().getPodSelector().getMatchLabels()));
      }
    }
    assertThat(guarded).containsExactlyInAnyOrder("trimtab-serve", "trimtab-tune");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void everyPortIsOneThatTheServerHas(Overlay overlay) {
    Map<String, Integer> expected = Map.of("grpc", 9000, "http", 8080);
    assertThat(ProgramFacts.property("quarkus.grpc.server.port")).isEqualTo("9000");
    assertThat(ProgramFacts.property("quarkus.http.port")).isEqualTo("8080");
    for (Deployment role : roles(overlay)) {
      Map<String, Integer> ports = new HashMap<>();
      for (ContainerPort port : Overlay.container(role).getPorts()) {
        ports.put(port.getName(), port.getContainerPort());
      }
      assertThat(ports).isEqualTo(expected);
      assertThat(role.getSpec().getTemplate().getMetadata().getAnnotations())
          .containsEntry("prometheus.io/port", "8080")
          .containsEntry(
              "prometheus.io/path",
              ProgramFacts.property("quarkus.micrometer.export.prometheus.path"));
    }
    for (Service service : overlay.all(Service.class)) {
      service
          .getSpec()
          .getPorts()
          .forEach(
              port -> {
                assertThat(port.getTargetPort().getStrVal()).isEqualTo(port.getName());
                assertThat(port.getPort()).isEqualTo(expected.get(port.getName()));
              });
    }
    assertThat(
            overlay.all(NetworkPolicy.class).stream()
                .flatMap(policy -> policy.getSpec().getIngress().stream())
                .flatMap(rule -> rule.getPorts().stream())
                .map(port -> port.getPort().getStrVal()))
        .isSubsetOf(expected.keySet())
        .contains("grpc", "http");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void probesAskWhatTheyMean(Overlay overlay) {
    String root = ProgramFacts.property("quarkus.smallrye-health.root-path");
    for (Deployment role : roles(overlay)) {
      Container container = Overlay.container(role);
      assertAsks(container.getStartupProbe(), root + "/live");
      assertAsks(container.getReadinessProbe(), root + "/ready");
      assertAsks(container.getLivenessProbe(), root + "/live");
      Probe startup = container.getStartupProbe();
      assertThat(startup.getPeriodSeconds() * startup.getFailureThreshold())
          .as("seconds for the first import of a large checkpoint")
          .isGreaterThanOrEqualTo(600);
      assertThat(role.getSpec().getProgressDeadlineSeconds())
          .as("seconds after which a rollout is said to have failed")
          .isGreaterThan(startup.getPeriodSeconds() * startup.getFailureThreshold());
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void aPodEndsOnlyAfterItsRequestsAndItsTrainer(Overlay overlay) {
    String shutdown = ProgramFacts.property("quarkus.shutdown.timeout");
    assertThat(shutdown).isEqualTo("2s");
    for (Deployment role : roles(overlay)) {
      long before = Overlay.container(role).getLifecycle().getPreStop().getSleep().getSeconds();
      // 7 s: OpenCalls.GRACE, 20 s: TuningWiring.STOP_GRACE.
      assertThat(Overlay.pod(role).getTerminationGracePeriodSeconds())
          .isGreaterThan(before + 2 + 7 + 20);
    }
  }

  private static void assertAsks(Probe probe, String path) {
    HTTPGetAction get = probe.getHttpGet();
    assertThat(get.getPath()).isEqualTo(path);
    assertThat(get.getPort()).isEqualTo(new IntOrString("http"));
  }

  private static Map<String, String> labels(Deployment role) {
    return role.getSpec().getTemplate().getMetadata().getLabels();
  }

  private static List<String> found(Overlay overlay, Map<String, String> selector) {
    return overlay.all(Deployment.class).stream()
        .filter(role -> labels(role).entrySet().containsAll(selector.entrySet()))
        .map(role -> role.getMetadata().getName())
        .toList();
  }
}
