package io.trimtab.study;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code trimtab study}: experiments on the bundled world. */
@Command(
    name = "study",
    description = "Experiments on the bundled models and their world.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {GateStudyCommand.class, DriftStudyCommand.class})
public final class StudyCommand implements Runnable {
  @Spec private CommandSpec spec;

  private StudyCommand() {}

  /** The command with those below it. */
  public static CommandLine line() {
    return new CommandLine(new StudyCommand());
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Expected a command: gate");
  }
}
