package io.trimtab.deploy;

import static io.trimtab.deploy.ManifestsTest.roles;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a pod may do, what it has, and where it may write. */
class PodsTest {
  static List<Overlay> overlays() {
    return Overlay.all();
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
        String place = Objects.requireNonNull(environment.get(variable), variable);
        assertThat(writable).anyMatch(place::startsWith);
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
        assertThat(amount(resources.getRequests(), each))
            .isPositive()
            .isLessThanOrEqualTo(amount(resources.getLimits(), each));
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
      assertThat(variables)
          .allMatch(
              variable ->
                  variable.getValueFrom() == null || variable.getValueFrom().getFieldRef() != null);
    }
  }

  private static double amount(Map<String, Quantity> resources, String name) {
    return Quantity.getAmountInBytes(Objects.requireNonNull(resources.get(name), name))
        .doubleValue();
  }
}
