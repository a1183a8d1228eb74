package io.trimtab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.cli.up.ServerOptions;
import io.trimtab.cli.up.ServerStarter;
import io.trimtab.error.TrimtabException;
import java.io.PrintWriter;
import java.io.StringWriter;
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
import picocli.CommandLine.Help.Ansi;

class TrimtabCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final List<ServerOptions> started = new ArrayList<>();

  @Test
  void everyCommandIsThere() {
    assertThat(commandLine(_ -> 0).getSubcommands())
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
    assertThat(run("--help")).isZero();
    assertThat(out.toString())
        .contains("Usage: trimtab", "up ", "Examples:", "Environment:", "TRIMTAB_API_KEY")
        .containsSubsequence("Exit codes:", "0 ", "1 ", "2 ", "3 ", "130 ", "143 ");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void versionIsThatOfTheBuild() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString()).containsPattern("trimtab \\d+\\.\\d+").contains("Java ");
  }

  @Test
  void whatIsNotGivenIsLeftToTheConfiguration() {
    assertThat(run("up")).isZero();
    assertThat(started).hasSize(1);
    assertThat(started.getFirst().properties()).isEmpty();
  }

  @Test
  void optionsOfUpBecomeConfiguration() {
    int code =
        run(
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
    assertThat(run("up", "--modle", "x")).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains("--modle", "did you mean", "--model", "trimtab up --help");
  }

  @Test
  void anUnknownCommandIsRefusedWithTheNearestName() {
    assertThat(run("uup")).isEqualTo(2);
    assertThat(err.toString()).contains("'uup'", "did you mean up?");
  }

  @Test
  void noCommandIsAMistake() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString())
        .contains("Missing required subcommand", "expected one of up, ask, ", "trimtab --help");
    err.getBuffer().setLength(0);
    assertThat(run("drift")).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo(
            "trimtab: Missing required subcommand, expected one of report, watch"
                + " (see trimtab drift --help)"
                + System.lineSeparator());
  }

  @Test
  void helpOfACommandIsReachedBothWays() {
    assertThat(run("help", "up")).isZero();
    String help = out.toString();
    out.getBuffer().setLength(0);
    assertThat(run("up", "--help")).isZero();
    assertThat(out.toString()).isEqualTo(help).contains("Usage: trimtab up");
  }

  @Test
  void whoeverInterruptsIsToldSoAndNothingElse() {
    CommandLine line = commandLine(_ -> 0);
    assertThat(Failures.failed(new InterruptedException(), line, TrimtabCommand.Detail.LINE))
        .isEqualTo(130);
    assertThat(err.toString()).isEqualTo("trimtab: interrupted" + System.lineSeparator());
  }

  @Test
  void whatNobodyForesawSaysHowToSeeMore() {
    assertThat(fail(new IllegalStateException("broken"), "up")).isEqualTo(1);
    assertThat(err.toString()).contains("IllegalStateException: broken (--stacktrace shows where)");
  }

  @Test
  void aPortOutOfRangeIsAMistakeThatNamesTheOption() {
    assertThat(run("up", "--http-port", "65536")).isEqualTo(2);
    assertThat(err.toString()).contains("--http-port", "0 to 65535", "65536");
    assertThat(started).isEmpty();
  }

  @Test
  void aFailureIsOneLineWithoutAStackTrace() {
    assertThat(fail(TrimtabException.invalid("expected this,\n got that"), "up")).isEqualTo(1);
    assertThat(err.toString())
        .isEqualTo("trimtab: expected this, got that" + System.lineSeparator());
  }

  @Test
  void theStackTraceIsShownOnRequestBeforeOrAfterTheCommand() {
    assertThat(fail(TrimtabException.invalid("no"), "up", "--stacktrace")).isEqualTo(1);
    assertThat(err.toString()).contains("TrimtabException: no", "at io.trimtab.");
    err.getBuffer().setLength(0);
    assertThat(fail(TrimtabException.invalid("no"), "--stacktrace", "up")).isEqualTo(1);
    assertThat(err.toString()).contains("at io.trimtab.");
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

  private int run(String... args) {
    return commandLine(
            options -> {
              started.add(options);
              return 0;
            })
        .execute(args);
  }

  private int fail(RuntimeException failure, String... args) {
    return commandLine(
            options -> {
              throw failure;
            })
        .execute(args);
  }

  private CommandLine commandLine(ServerStarter starter) {
    return TrimtabCommand.commandLine(
            starter,
            server -> {
              throw new AssertionError("No test connects to " + server);
            },
            server -> {
              throw new AssertionError("No test connects to " + server);
            })
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true));
  }
}
