package io.trimtab.cli.drift;

import io.grpc.ManagedChannel;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code trimtab drift}: whether revisions have left what they may do, and what was done. */
@Command(
    name = "drift",
    description = {
      "Says how a running server's tuned revisions stand beside base.",
      "Base reads a share of live answers as well; what leaves the gate's envelope is acted on.",
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "  trimtab drift report",
      "  trimtab drift report birds",
      "  trimtab drift watch",
    })
public final class DriftCommand {
  private DriftCommand() {}

  /**
   * The command with its own.
   *
   * @param channels connects to a server at HOST:PORT
   */
  public static CommandLine line(Function<String, ManagedChannel> channels) {
    CommandLine line = new CommandLine(new DriftCommand());
    List.of(new DriftReportCommand(channels), new DriftWatchCommand(channels))
        .forEach(line::addSubcommand);
    return line;
  }
}
