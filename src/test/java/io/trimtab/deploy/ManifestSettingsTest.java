package io.trimtab.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.trimtab.app.TrimtabConfig;
import io.trimtab.cli.TrimtabCommand;
import io.trimtab.cli.up.ServerOptions;
import io.trimtab.cli.up.ServerStarter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pods' configuration, read as the server reads it. */
class ManifestSettingsTest {
  private static final Pattern FILE = Pattern.compile("/etc/[a-z./-]+");

  static List<Overlay> overlays() {
    return Overlay.all();
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void everySettingIsOneOfTheServersAndArrives(Overlay overlay) {
    for (Deployment role : overlay.all(Deployment.class)) {
      TrimtabConfig config =
          ServerSettings.read(overlay.settings(), Overlay.environment(role))
              .getConfigMapping(TrimtabConfig.class);
      assertThat("trimtab-" + config.role()).isEqualTo(role.getMetadata().getName());
      assertThat(config.data()).contains(Path.of("/var/lib/trimtab"));
      assertThat(config.device()).isEqualTo(overlay.name().equals("cpu") ? "cpu" : "cuda:0");
    }
  }

  @Test
  void aSettingThatTheServerDoesNotHaveIsRefused() {
    Map<String, String> settings = new TreeMap<>(Overlay.of("cpu").settings());
    settings.put("trimtab.kafka.bootstrap-server", "one:9092");
    assertThatThrownBy(() -> ServerSettings.read(settings, Map.of()))
        .hasMessageContaining("bootstrap-server");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void everyVariableIsReadBySomebody(Overlay overlay) {
    Map<String, String> settings = ServerSettings.byVariable();
    assertThat(settings).containsEntry("TRIMTAB_TUNING_DEVICE", "trimtab.tuning.device");
    for (Deployment role : overlay.all(Deployment.class)) {
      for (String variable : Overlay.environment(role).keySet()) {
        if (variable.startsWith("TRIMTAB_")) {
          assertThat(
                  settings.containsKey(variable)
                      || ProgramFacts.launcherVariables().contains(variable))
              .as(variable)
              .isTrue();
        } else {
          assertThat(sourcesName(variable) || anotherNames(variable, role)).as(variable).isTrue();
        }
      }
    }
  }

  /** As Kubernetes puts it into those that come after it. */
  private static boolean anotherNames(String variable, Deployment role) {
    return Overlay.environment(role).values().stream()
        .anyMatch(value -> value != null && value.contains("$(" + variable + ")"));
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void everyFileThatASettingNamesIsMounted(Overlay overlay) {
    for (Deployment role : overlay.all(Deployment.class)) {
      List<String> mounted = files(role);
      List<String> named = new ArrayList<>();
      for (String value : overlay.settings().values()) {
        // A folder and a key of it, as Kafka's own provider of settings has them.
        FILE.matcher(value.replace(":sasl.", "/sasl."))
            .results()
            .forEach(match -> named.add(match.group()));
      }
      assertThat(named).hasSize(3).containsExactlyInAnyOrderElementsOf(mounted);
    }
    assertThat(overlay.settings())
        .containsEntry("trimtab.security.api-keys", "/etc/trimtab/api-keys/api-keys");
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void theArgumentsAreACommandLine(Overlay overlay) {
    for (Deployment role : overlay.all(Deployment.class)) {
      List<ServerOptions> started = new ArrayList<>();
      ServerStarter starter =
          new ServerStarter() {
            @Override
            public int run(ServerOptions options) {
              started.add(options);
              return 0;
            }

            @Override
            public void stop() {}
          };
      List<String> arguments = Overlay.container(role).getArgs();
      int code =
          TrimtabCommand.commandLine(
                  starter,
                  server -> {
                    throw new AssertionError(server);
                  },
                  server -> {
                    throw new AssertionError(server);
                  })
              .execute(arguments.toArray(String[]::new));
      assertThat(code).isZero();
      assertThat(started.getFirst().host()).isEqualTo("0.0.0.0");
      assertThat(started.getFirst().properties()).hasSize(2);
    }
  }

  /** Paths of all files that are mounted for a pod by their keys. */
  private static List<String> files(Deployment role) {
    List<String> files = new ArrayList<>();
    for (VolumeMount mount : Overlay.container(role).getVolumeMounts()) {
      Volume volume =
          Overlay.pod(role).getVolumes().stream()
              .filter(each -> each.getName().equals(mount.getName()))
              .findFirst()
              .orElseThrow();
      if (volume.getSecret() != null) {
        for (KeyToPath item : volume.getSecret().getItems()) {
          files.add(mount.getMountPath() + "/" + item.getPath());
        }
      }
    }
    return files;
  }

  /** Whether the program, or a library that it uses, is known to read the variable. */
  private static boolean sourcesName(String variable) {
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      return sources
          .filter(Files::isRegularFile)
          .anyMatch(source -> ProgramFacts.read(source).contains('"' + variable + '"'));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
