package io.trimtab.app;

import io.trimtab.cli.TrimtabCommand;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import picocli.CommandLine;

/**
 * What the launcher has run once per build, so that the JVM can record in its ahead-of-time cache
 * which classes the commands load. Its output goes nowhere, and it changes nothing outside.
 */
final class TrainingRun {
  /** The system property that asks for it; no command, since it is not for people. */
  static final String PROPERTY = "launcher.training";

  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("--help"), List.of("--version"), List.of("up", "--help"), List.of("up", "--x"));

  private TrainingRun() {}

  static void run() {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    for (List<String> command : COMMANDS) {
      CommandLine line = TrimtabCommand.commandLine(new QuarkusServer(), Main::connect);
      line.setOut(nowhere).setErr(nowhere).execute(command.toArray(String[]::new));
    }
  }
}
