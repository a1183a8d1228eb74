package io.trimtab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.cli.up.ServerOptions;
import io.trimtab.error.TrimtabException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class TrimtabCommandTest {
  private final List<ServerOptions> started = new ArrayList<>();
  private final PrintedCommand trimtab =
      PrintedCommand.of(
          () ->
              PrintedCommand.unconnected(
                  options -> {
                    started.add(options);
                    return 0;
                  }));

  @Test
  void everyCommandIsThere() {
    assertThat(trimtab.line().getSubcommands())
        .containsOnlyKeys(
            "up",
            "ask",
            "adapters",
            "feedback",
            "tune",
            "drift",
            "demo",
            "probes",
            "import",
            "bench",
            "completion",
            "help");
  }

  @Test
  void helpNamesEveryCommandAndTheExitCodes() {
    assertThat(trimtab.run("--help")).isZero();
    assertThat(trimtab.printedSoFar())
        .contains("Usage: trimtab", "up ", "Examples:", "Environment:", "TRIMTAB_API_KEY")
        .containsSubsequence("Exit codes:", "0 ", "1 ", "2 ", "3 ", "130 ", "143 ");
    assertThat(trimtab.errorsSoFar()).isEmpty();
  }

  @Test
  void versionIsThatOfTheBuild() {
    assertThat(trimtab.run("--version")).isZero();
    assertThat(trimtab.printedSoFar()).containsPattern("trimtab \\d+\\.\\d+").contains("Java ");
  }

  @Test
  void whatIsNotGivenIsLeftToTheConfiguration() {
    assertThat(trimtab.run("up")).isZero();
    assertThat(started).hasSize(1);
    assertThat(started.getFirst().properties()).isEmpty();
  }

  @Test
  void optionsOfUpBecomeConfiguration() {
    int code =
        trimtab.run(
            ("up --model dinghy-qwen --precision int8 --device cuda:1 --host 0.0.0.0"
                    + " --grpc-port 9001 --http-port 0 --data kept")
                .split(" "));
    assertThat(code).isZero();
    assertThat(started.getFirst().properties())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "trimtab.model", "dinghy-qwen",
                "trimtab.precision", "int8",
                "trimtab.device", "cuda:1",
                "quarkus.grpc.server.host", "0.0.0.0",
                "quarkus.http.host", "0.0.0.0",
                "quarkus.grpc.server.port", "9001",
                "quarkus.http.port", "0",
                "trimtab.data", Path.of("kept").toAbsolutePath().toString()));
  }

  @Test
  void anUnknownOptionIsOneLineWithTheNearestName() {
    assertThat(trimtab.run("up", "--modle", "x")).isEqualTo(2);
    assertThat(trimtab.errorsSoFar().lines()).hasSize(1);
    assertThat(trimtab.errorsSoFar())
        .contains("--modle", "did you mean", "--model", "trimtab up --help");
  }

  @Test
  void anUnknownCommandIsRefusedWithTheNearestName() {
    assertThat(trimtab.run("uup")).isEqualTo(2);
    assertThat(trimtab.errorsSoFar()).contains("'uup'", "did you mean up?");
  }

  @Test
  void noCommandIsAMistake() {
    assertThat(trimtab.run()).isEqualTo(2);
    assertThat(trimtab.errors())
        .contains("Missing required subcommand", "expected one of up, ask, ", "trimtab --help");
    assertThat(trimtab.run("drift")).isEqualTo(2);
    assertThat(trimtab.errorsSoFar())
        .isEqualTo(
            "trimtab: Missing required subcommand, expected one of report, watch"
                + " (see trimtab drift --help)"
                + System.lineSeparator());
  }

  @Test
  void helpOfACommandIsReachedBothWays() {
    assertThat(trimtab.run("help", "up")).isZero();
    String help = trimtab.printedSoFar();
    trimtab.printed();
    assertThat(trimtab.run("up", "--help")).isZero();
    assertThat(trimtab.printedSoFar()).isEqualTo(help).contains("Usage: trimtab up");
  }

  @Test
  void whoeverInterruptsIsToldSoAndNothingElse() {
    CommandLine line = trimtab.line();
    assertThat(Failures.failed(new InterruptedException(), line, TrimtabCommand.Detail.LINE))
        .isEqualTo(130);
    assertThat(trimtab.errorsSoFar()).isEqualTo("trimtab: interrupted" + System.lineSeparator());
  }

  @Test
  void whatNobodyForesawSaysHowToSeeMore() {
    PrintedCommand failing = failing(new IllegalStateException("broken"));
    assertThat(failing.run("up")).isEqualTo(1);
    assertThat(failing.errorsSoFar())
        .contains("IllegalStateException: broken (--stacktrace shows where)");
  }

  @Test
  void aPortOutOfRangeIsAMistakeThatNamesTheOption() {
    assertThat(trimtab.run("up", "--http-port", "65536")).isEqualTo(2);
    assertThat(trimtab.errorsSoFar()).contains("--http-port", "0 to 65535", "65536");
    assertThat(started).isEmpty();
  }

  @Test
  void aFailureIsOneLineWithoutAStackTrace() {
    PrintedCommand failing = failing(TrimtabException.invalid("expected this,\n got that"));
    assertThat(failing.run("up")).isEqualTo(1);
    assertThat(failing.errorsSoFar())
        .isEqualTo("trimtab: expected this, got that" + System.lineSeparator());
  }

  @Test
  void theStackTraceIsShownOnRequestBeforeOrAfterTheCommand() {
    PrintedCommand failing = failing(TrimtabException.invalid("no"));
    assertThat(failing.run("up", "--stacktrace")).isEqualTo(1);
    assertThat(failing.errors()).contains("TrimtabException: no", "at io.trimtab.");
    assertThat(failing.run("--stacktrace", "up")).isEqualTo(1);
    assertThat(failing.errors()).contains("at io.trimtab.");
  }

  @Test
  void failuresWithoutWordsOfTheirOwnGetSome() {
    assertThat(Failures.message(new NoSuchFileException("a/b")))
        .isEqualTo("No such file or folder: a/b");
    assertThat(Failures.message(new IllegalStateException("broken")))
        .isEqualTo("IllegalStateException: broken");
    assertThat(Failures.message(new NullPointerException())).isEqualTo("NullPointerException");
    assertThat(Failures.message(new FileAlreadyExistsException("a/b")))
        .isEqualTo("There is already a file a/b");
    assertThat(Failures.message(new FileSystemException("a/b", null, "No space left on device")))
        .isEqualTo("a/b: No space left on device");
    assertThat(Failures.message(new UncheckedIOException(new NoSuchFileException("a/b"))))
        .isEqualTo("No such file or folder: a/b");
    assertThat(
            Failures.message(
                new UncheckedIOException("Cannot unpack it", new AccessDeniedException("a/b"))))
        .isEqualTo("Cannot unpack it: Permission denied: a/b");
  }

  private static PrintedCommand failing(RuntimeException failure) {
    return PrintedCommand.of(
        () ->
            PrintedCommand.unconnected(
                _ -> {
                  throw failure;
                }));
  }
}
