package io.trimtab.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the manifests say of each other and of the pods: names, labels, ports, volumes, rights. */
class ManifestsTest {
  static List<Overlay> overlays() {
    return Overlay.all();
  }

  private static List<Deployment> roles(Overlay overlay) {
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
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void aPodEndsOnlyAfterItsRequestsAndItsTrainer(Overlay overlay) {
    String shutdown = ProgramFacts.property("quarkus.shutdown.timeout");
    assertThat(shutdown).isEqualTo("10s");
    for (Deployment role : roles(overlay)) {
      long before = Overlay.container(role).getLifecycle().getPreStop().getSleep().getSeconds();
      // 20 s: TuningWiring.STOP_GRACE.
      assertThat(Overlay.pod(role).getTerminationGracePeriodSeconds())
          .isGreaterThan(before + 10 + 20);
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void everyMountHasAVolumeAndEveryVolumeASource(Overlay overlay) {
    for (Deployment role : roles(overlay)) {
      PodSpec pod = Overlay.pod(role);
      List<String> mounted =
          Overlay.container(role).getVolumeMounts().stream().map(VolumeMount::getName).toList();
      assertThat(pod.getVolumes())
          .extracting(Volume::getName)
          .containsExactlyInAnyOrderElementsOf(mounted);
      for (Volume volume : pod.getVolumes()) {
        if (volume.getPersistentVolumeClaim() != null) {
          String claim = volume.getPersistentVolumeClaim().getClaimName();
          assertThat(overlay.one(PersistentVolumeClaim.class, claim).getSpec().getAccessModes())
              .as("both roles write to it")
              .containsExactly("ReadWriteMany");
        } else if (volume.getConfigMap() != null) {
          assertThat(overlay.one(ConfigMap.class, volume.getConfigMap().getName()).getData())
              .containsOnlyKeys(Overlay.SETTINGS_FILE);
        } else {
          assertThat(volume.getSecret() != null || volume.getEmptyDir() != null).isTrue();
        }
      }
    }
  }

  /** A root that is read-only needs a place for each thing that the program writes. */
  @ParameterizedTest
  @MethodSource("overlays")
  void whatIsWrittenIsWritable(Overlay overlay) {
    for (Deployment role : roles(overlay)) {
      List<String> writable =
          Overlay.container(role).getVolumeMounts().stream()
              .filter(mount -> !Objects.equals(mount.getReadOnly(), true))
              .map(VolumeMount::getMountPath)
              .toList();
      assertThat(writable).containsExactlyInAnyOrder("/var/lib/trimtab", "/tmp");
      Map<String, String> environment = Overlay.environment(role);
      for (String variable : List.of("TRIMTAB_DATA", "XDG_CACHE_HOME", "DJL_CACHE_DIR")) {
        assertThat(writable).anyMatch(environment.get(variable)::startsWith);
      }
      assertThat(environment.get("TRIMTAB_JAVA_OPTS"))
          .contains("-XX:ErrorFile=" + environment.get("TRIMTAB_DATA") + "/");
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void aPodHasNoRightsAndNoToken(Overlay overlay) {
    for (Deployment role : roles(overlay)) {
      PodSpec pod = Overlay.pod(role);
      ServiceAccount account = overlay.one(ServiceAccount.class, pod.getServiceAccountName());
      assertThat(account.getAutomountServiceAccountToken()).isFalse();
      assertThat(pod.getAutomountServiceAccountToken()).isFalse();
      assertThat(pod.getEnableServiceLinks()).as("TRIMTAB_PORT is no setting").isFalse();
      assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
      assertThat(pod.getSecurityContext().getRunAsUser()).isPositive();
      assertThat(pod.getSecurityContext().getFsGroup())
          .isEqualTo(pod.getSecurityContext().getRunAsGroup());
      assertThat(pod.getSecurityContext().getSeccompProfile().getType())
          .isEqualTo("RuntimeDefault");
      var container = Overlay.container(role).getSecurityContext();
      assertThat(container.getReadOnlyRootFilesystem()).isTrue();
      assertThat(container.getAllowPrivilegeEscalation()).isFalse();
      assertThat(container.getCapabilities().getDrop()).containsExactly("ALL");
      assertThat(container.getPrivileged()).isNull();
    }
    assertThat(overlay.resources())
        .extracting(resource -> resource.getKind())
        .doesNotContain("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "Secret");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void resourcesAreBoundedAndTheOverlaysOwn(Overlay overlay) {
    for (Deployment role : roles(overlay)) {
      var resources = Overlay.container(role).getResources();
      for (String each : List.of("cpu", "memory")) {
        assertThat(amount(resources.getRequests().get(each)))
            .isPositive()
            .isLessThanOrEqualTo(amount(resources.getLimits().get(each)));
      }
      boolean cuda = overlay.name().equals("cuda");
      assertThat(resources.getLimits().containsKey("nvidia.com/gpu")).isEqualTo(cuda);
      assertThat(Overlay.environment(role))
          .containsEntry("TRIMTAB_DEVICE", cuda ? "cuda:0" : "cpu");
      assertThat(Overlay.container(role).getImage()).endsWith("-" + overlay.name());
    }
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void noVariableIsSetTwiceOrFromASecret(Overlay overlay) {
    for (Deployment role : roles(overlay)) {
      List<EnvVar> variables = Overlay.container(role).getEnv();
      assertThat(variables).extracting(EnvVar::getName).doesNotHaveDuplicates();
      assertThat(variables).allMatch(variable -> variable.getValueFrom() == null);
    }
  }

  private static double amount(Quantity quantity) {
    return Quantity.getAmountInBytes(quantity).doubleValue();
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
