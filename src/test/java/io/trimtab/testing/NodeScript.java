package io.trimtab.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.opentest4j.TestAbortedException;

/**
 * Scripts of {@code src/test/node}, run by Node with the packages that its lock file pins. A test
 * is skipped where there is no Node, or where npm reaches no registry.
 */
public final class NodeScript {
  private static final Path SOURCES = Path.of("src", "test", "node");
  private static final Path FOLDER = Path.of("target", "node");
  private static final int NODE_LEAST = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  /** What is wrong with what is committed, and so with no machine. */
  private static final List<String> OURS = List.of("EINTEGRITY", "EUSAGE", "EJSONPARSE");

  private NodeScript() {}

  /**
   * Runs a script to its end.
   *
   * @return what it prints
   * @throws TestAbortedException where it can't be run on this machine
   * @throws AssertionError where it fails, with what it says
   */
  public static String run(String script, String... arguments)
      throws IOException, InterruptedException {
    requireNode();
    install();
    List<String> command = new ArrayList<>(List.of("node", script));
    command.addAll(List.of(arguments));
    Ended ended = ended(command);
    if (ended.code() != 0) {
      throw new AssertionError(
          "%s ended with %d:%n%s".formatted(script, ended.code(), ended.errors()));
    }
    return ended.output();
  }

  private static void requireNode() throws IOException, InterruptedException {
    Files.createDirectories(FOLDER);
    Ended version = ended(List.of("node", "--version"));
    // v20.20.2
    int major = Integer.parseInt(version.output().strip().substring(1).split("\\.")[0]);
    Assumptions.assumeTrue(
        major >= NODE_LEAST,
        "Node is %s, OpenAI's client needs %d".formatted(version.output().strip(), NODE_LEAST));
  }

  /** Once for each state of the lock file. */
  private static synchronized void install() throws IOException, InterruptedException {
    Path lock = FOLDER.resolve("package-lock.json");
    Path done = FOLDER.resolve("installed.json");
    try (Stream<Path> sources = Files.list(SOURCES)) {
      for (Path source : sources.toList()) {
        Files.copy(
            source, FOLDER.resolve(source.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    if (Files.exists(done) && Files.mismatch(lock, done) < 0) {
      return;
    }
    Ended ended =
        ended(
            List.of(
                "npm",
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--fetch-retries=0",
                "--fetch-timeout=20000"));
    if (ended.code() != 0 && OURS.stream().anyMatch(ended.errors()::contains)) {
      throw new AssertionError("npm ci:%n%s".formatted(ended.errors()));
    }
    Assumptions.assumeTrue(
        ended.code() == 0,
        () -> "npm can't fetch OpenAI's client here: " + ended.errors().lines().findFirst());
    Files.copy(lock, done, StandardCopyOption.REPLACE_EXISTING);
  }

  private record Ended(int code, String output, String errors) {}

  private static Ended ended(List<String> command) throws IOException, InterruptedException {
    Path errors = Files.createTempFile(FOLDER, "errors", ".txt");
    Path output = Files.createTempFile(FOLDER, "output", ".txt");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .directory(FOLDER.toFile())
              .redirectError(errors.toFile())
              .redirectOutput(output.toFile())
              .start();
    } catch (IOException none) {
      throw new TestAbortedException("There is no %s here".formatted(command.getFirst()), none);
    }
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("%s ran for more than %s".formatted(command, PATIENCE));
    }
    Ended ended =
        new Ended(
            process.exitValue(), Files.readString(output, UTF_8), Files.readString(errors, UTF_8));
    Files.delete(errors);
    Files.delete(output);
    return ended;
  }
}
