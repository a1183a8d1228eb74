package io.trimtab.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * What can be known of an image without building it: that what it copies is there, that it starts
 * what the package has, and that it fits the manifests.
 */
class ImagesTest {
  static final List<String> OVERLAYS = Overlay.NAMES;

  private static final String APP = "target/quarkus-app";

  @ParameterizedTest
  @FieldSource("OVERLAYS")
  void whatIsCopiedFromTheSourcesIsThereAndReachesTheBuild(String overlay) {
    List<String> ignored = ProgramFacts.read(Path.of(".dockerignore")).lines().toList();
    assertThat(ignored.getFirst()).isEqualTo("*");
    List<Dockerfile.Copy> copies = Dockerfile.of(overlay).copies();
    assertThat(copies).extracting(Dockerfile.Copy::stage).contains("", "build");
    for (Dockerfile.Copy copy : copies) {
      if (copy.stage().isEmpty()) {
        for (String source : copy.sources()) {
          assertThat(Path.of(source)).exists();
          assertThat(ignored).contains("!" + source);
        }
      } else {
        assertThat(Dockerfile.of(overlay).stages()).contains(copy.stage());
      }
    }
  }

  @ParameterizedTest
  @FieldSource("OVERLAYS")
  void theEntryPointIsTheLauncherAndItFindsThePackage(String overlay) {
    Dockerfile file = Dockerfile.of(overlay);
    String home = file.last("WORKDIR");
    assertThat(file.list("ENTRYPOINT")).containsExactly(home + "/" + ProgramFacts.LAUNCHER);
    assertThat(ProgramFacts.LAUNCHER).isExecutable();
    // The launcher looks for the package below its own folder, and Quarkus' build puts it there.
    assertThat(ProgramFacts.read(ProgramFacts.LAUNCHER))
        .contains("app=$root/" + APP + "/quarkus-run.jar");
    assertThat(file.copies()).contains(new Dockerfile.Copy("build", List.of("/build/" + APP), APP));
    assertThat(file.environment()).containsEntry("TRIMTAB_SKIP_BUILD", "1");
    assertThat(ProgramFacts.launcherVariables())
        .contains("TRIMTAB_SKIP_BUILD", "TRIMTAB_JAVA_HOME");
  }

  @ParameterizedTest
  @FieldSource("OVERLAYS")
  void theImageFitsTheManifests(String overlay) {
    Dockerfile file = Dockerfile.of(overlay);
    for (Deployment role : Overlay.of(overlay).all(Deployment.class)) {
      var identity = Overlay.pod(role).getSecurityContext();
      assertThat(file.last("USER"))
          .isEqualTo("%d:%d".formatted(identity.getRunAsUser(), identity.getRunAsGroup()));
      assertThat(file.list("CMD")).isEqualTo(Overlay.container(role).getArgs());
      assertThat(file.last("EXPOSE").split(" "))
          .containsExactlyElementsOf(
              Overlay.container(role).getPorts().stream()
                  .map(port -> port.getContainerPort().toString())
                  .toList());
      // Quarkus reads config/ below the folder that it is started in.
      assertThat(Overlay.container(role).getVolumeMounts())
          .extracting(VolumeMount::getMountPath)
          .contains(file.last("WORKDIR") + "/config", file.environment().get("TRIMTAB_DATA"));
    }
  }

  @ParameterizedTest
  @FieldSource("OVERLAYS")
  void javaIsWhatTheLauncherWantsAndNothingIsSecret(String overlay) {
    Dockerfile file = Dockerfile.of(overlay);
    assertThat(ProgramFacts.read(ProgramFacts.LAUNCHER)).contains("java_least=25");
    assertThat(file.all("FROM")).anyMatch(image -> image.startsWith("eclipse-temurin:25-jdk"));
    assertThat(file.all("FROM")).anyMatch(image -> image.startsWith("eclipse-temurin:25-jre"));
    assertThat(file.all("FROM")).noneMatch(image -> image.contains("latest"));
    assertThat(file.all("ARG")).isEmpty();
    assertThat(file.environment().keySet())
        .containsExactlyInAnyOrder(
            "TRIMTAB_SKIP_BUILD",
            "TRIMTAB_JAVA_HOME",
            "TRIMTAB_DATA",
            "XDG_CACHE_HOME",
            "DJL_CACHE_DIR");
  }

  @Test
  void theImageForCudaIsBuiltForCuda() {
    assertThat(Dockerfile.of("cuda").all("RUN")).anyMatch(command -> command.contains("-Pcuda"));
    assertThat(Dockerfile.of("cpu").all("RUN")).noneMatch(command -> command.contains("-Pcuda"));
    assertThat(ProgramFacts.read(Path.of("pom.xml"))).contains("<id>cuda</id>");
    assertThat(Files.exists(Overlay.folder("cuda").resolve("Dockerfile"))).isTrue();
    assertThat(Dockerfile.of("cuda").all("FROM").getLast())
        .matches("nvidia/cuda:12\\.\\d+\\.\\d+-cudnn-runtime-.*");
  }
}
