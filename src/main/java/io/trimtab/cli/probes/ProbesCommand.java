package io.trimtab.cli.probes;

import io.trimtab.cli.local.LocalModel;
import io.trimtab.cli.local.OpenedGenerator;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code trimtab probes}: the questions that show whether a tuned revision has forgotten. */
@Command(
    name = "probes",
    description = {
      "Makes and checks folders of probes, without which no tuned revision is published by itself.",
      "A folder holds pictures and probes.jsonl, a question a line; trimtab.probes names it.",
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "  trimtab probes make PICTURES --model DIR --output PROBES",
      "  trimtab probes check PROBES",
    })
public final class ProbesCommand {
  private ProbesCommand() {}

  /**
   * The command with its own.
   *
   * @param local opens a model in this process
   */
  public static CommandLine line(Function<LocalModel, OpenedGenerator> local) {
    CommandLine line = new CommandLine(new ProbesCommand());
    line.addSubcommand(new ProbesMakeCommand(local));
    line.addSubcommand(new ProbesCheckCommand());
    return line;
  }
}
