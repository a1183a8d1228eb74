package io.trimtab.app;

import io.trimtab.cli.TrimtabCommand;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import picocli.CommandLine;

/**
 * What the launcher runs once per build so that the JVM can record the classes that commands load
 * into its ahead-of-time cache. Its output goes nowhere, and it changes nothing outside.
 */
public final class TrainingRun {
  private static final List<String[]> COMMANDS =
      List.of(new String[] {"--help"}, new String[] {"--version"}, new String[] {"up", "--help"});

  private TrainingRun() {}

  public static void main(String... args) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    for (String[] command : COMMANDS) {
      CommandLine line = TrimtabCommand.commandLine(new QuarkusServer());
      line.setOut(nowhere).setErr(nowhere).execute(command);
    }
  }
}
