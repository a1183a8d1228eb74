package io.trimtab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a folder of its own, with JDKs that only print how they were called. */
class LauncherTest {
  @TempDir Path root;

  private record Outcome(int exitCode, String output) {}

  @BeforeEach
  void aBuildThatIsThere() throws IOException {
    Path launcher = Files.copy(Path.of("trimtab"), root.resolve("trimtab"));
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path app = root.resolve("target/quarkus-app");
    Files.createDirectories(app);
    Files.createFile(app.resolve("quarkus-run.jar"));
  }

  @Test
  void argumentsReachTheProgramUnchanged() throws Exception {
    Outcome outcome =
        launch(Map.of("TRIMTAB_JAVA_HOME", jdk("25.0.1")), "ask", "What color? * $HOME");
    assertThat(outcome.exitCode()).isEqualTo(7);
    assertThat(outcome.output()).contains("[quarkus-run.jar] [ask] [What color? * $HOME]");
  }

  @Test
  void aNamedJdkThatIsTooOldIsRefused() throws Exception {
    Outcome outcome = launch(Map.of("TRIMTAB_JAVA_HOME", jdk("17.0.15")), "--help");
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.output()).contains("no JDK of version 25 or later").contains("17.0.15");
  }

  @Test
  void anOldJavaHomeIsPassedOverForALaterOneElsewhere() throws Exception {
    Path sdkman = root.resolve("home/.sdkman/candidates/java/25-tem");
    makeJdk(sdkman, "26-ea");
    String path =
        root.resolve("home/.sdkman/candidates/java/25-tem/bin") + ":" + System.getenv("PATH");
    Outcome outcome = launch(Map.of("JAVA_HOME", jdk("21"), "PATH", path), "--version");
    assertThat(outcome.exitCode()).isEqualTo(7);
    assertThat(outcome.output()).contains("26-ea");
  }

  @Test
  void theUsersOptionsForTheJvmComeLast() throws Exception {
    Map<String, String> environment =
        Map.of("TRIMTAB_JAVA_HOME", jdk("25"), "TRIMTAB_JAVA_OPTS", "-Xmx1g -XX:+UseZGC");
    assertThat(launch(environment, "up").output())
        .containsSubsequence("[-XX:+UseG1GC]", "[-Xmx1g] [-XX:+UseZGC]", "[-jar]");
  }

  @Test
  void onlyAServerGetsTheServersCollector() throws Exception {
    Map<String, String> environment = Map.of("TRIMTAB_JAVA_HOME", jdk("25"));
    assertThat(launch(environment, "--stacktrace", "up").output()).contains("[-XX:+UseG1GC]");
    assertThat(launch(environment, "import", "up").output()).contains("[-XX:+UseSerialGC]");
  }

  @Test
  void aCacheThatCannotBeMadeIsNoReasonNotToStart() throws Exception {
    Files.writeString(root.resolve("target/start"), "a file where the folder should be");
    Outcome outcome = launch(Map.of("TRIMTAB_JAVA_HOME", jdk("25")), "--help");
    assertThat(outcome.exitCode()).isEqualTo(7);
    assertThat(outcome.output()).contains("[--help]").doesNotContain("AOTCache");
  }

  @Test
  void withoutABuildSkippingItIsRefused() throws Exception {
    Files.delete(root.resolve("target/quarkus-app/quarkus-run.jar"));
    Outcome outcome = launch(Map.of("TRIMTAB_JAVA_HOME", jdk("25")), "--help");
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.output()).contains("there is no build");
  }

  @Test
  void whoeverEndsABuildEndsMavenToo() throws Exception {
    Files.delete(root.resolve("target/quarkus-app/quarkus-run.jar"));
    Path pid = root.resolve("maven.pid");
    executable(
        root.resolve("mvnw"),
        """
        #!/bin/sh
        [ "$1" != -v ] || exit 0
        echo $$ >PID.part && mv PID.part PID
        exec sleep 300
        """
            .replace("PID", pid.toString()));
    ProcessBuilder builder = new ProcessBuilder(root.resolve("trimtab").toString(), "up");
    builder.environment().remove("TRIMTAB_SKIP_BUILD");
    builder.environment().put("TRIMTAB_JAVA_HOME", jdk("25"));
    Process launcher = builder.redirectErrorStream(true).start();
    try (BufferedReader output = launcher.inputReader()) {
      assertThat(output.readLine()).startsWith("trimtab: building, since there is no build");
      while (!Files.exists(pid)) {
        assertThat(launcher.isAlive()).isTrue();
        Thread.onSpinWait();
      }
      launcher.destroy();
      assertThat(launcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(launcher.exitValue()).isEqualTo(143);
      assertThat(ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))).isEmpty();
      assertThat(root.resolve("target/launcher.lock")).doesNotExist();
    } finally {
      launcher.destroyForcibly();
    }
  }

  @Test
  void helpOfTheTestsIsTheLaunchersOwn() throws Exception {
    Outcome outcome = launch(Map.of("TRIMTAB_JAVA_HOME", jdk("25")), "test", "--help");
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.output()).startsWith("Usage: trimtab test").contains("Examples:");
  }

  private String jdk(String version) throws IOException {
    Path home = root.resolve("jdk-" + version);
    makeJdk(home, version);
    return home.toString();
  }

  /**
   * Prints its version and its arguments in brackets, paths cut to their last part; ends with 7.
   */
  private static void makeJdk(Path home, String version) throws IOException {
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(
        home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    executable(home.resolve("bin/javac"), "#!/bin/sh\n");
    executable(
        home.resolve("bin/java"),
        """
        #!/bin/sh
        printf '%s' 'VERSION'
        for a in "$@"; do case $a in /*) a=${a##*/} ;; esac; printf ' [%s]' "$a"; done
        exit 7
        """
            .replace("VERSION", version));
  }

  private static void executable(Path file, String script) throws IOException {
    Files.writeString(file, script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Outcome launch(Map<String, String> environment, String... arguments) throws Exception {
    ProcessBuilder builder = new ProcessBuilder();
    builder.command().add(root.resolve("trimtab").toString());
    builder.command().addAll(List.of(arguments));
    Map<String, String> variables = new HashMap<>(environment);
    variables.putIfAbsent("PATH", System.getenv("PATH"));
    variables.put("HOME", root.resolve("home").toString());
    variables.put("TRIMTAB_SKIP_BUILD", "1");
    builder.environment().clear();
    builder.environment().putAll(variables);
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Outcome(process.exitValue(), output);
  }
}
