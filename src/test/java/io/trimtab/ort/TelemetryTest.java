package io.trimtab.ort;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a process of its own: whether ONNX Runtime reports is settled once in a process' life. */
class TelemetryTest {
  /** Where these are set, ONNX Runtime takes itself to be in a build and reports nothing. */
  private static final Set<String> BUILDS =
      Set.of("CI", "TF_BUILD", "GITHUB_ACTIONS", "ORT_RUNNING_UNIT_TESTS", "ORT_DISABLE_TELEMETRY");

  @TempDir Path folder;

  @Test
  void nothingIsKeptToBeSent() throws Exception {
    Path options = folder.resolve("options");
    Files.writeString(
        options,
        "--enable-native-access=ALL-UNNAMED\n-Djava.io.tmpdir=\"%s\"\n-cp \"%s\"\n%s\n"
            .formatted(
                folder.resolve("tmp"),
                System.getProperty("java.class.path"),
                OpensAndCloses.class.getName()));
    Files.createDirectories(folder.resolve("tmp"));
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "@" + options)
            .inheritIO();
    builder.environment().keySet().removeAll(BUILDS);
    builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    builder.environment().put("HOME", folder.resolve("home").toString());
    Process process = builder.start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();

    assertThat(files(folder.resolve("cache"))).containsExactly("libonnxruntime.so");
    assertThat(files(folder.resolve("home"))).isEmpty();
  }

  private static List<String> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).map(file -> file.getFileName().toString()).toList();
    }
  }

  /** What every start of the server does. */
  static final class OpensAndCloses {
    public static void main(String[] arguments) throws IOException {
      OrtEnvironment.open().close();
    }
  }
}
