package io.trimtab.cli.tune;

import io.grpc.ManagedChannel;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code trimtab tune}: the jobs that turn corrections into revisions. */
@Command(
    name = "tune",
    description = {
      "Starts tuning jobs at a running server, and follows them.",
      "A job trains an adapter's next revision on its corrections; the gate decides what becomes of it.",
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "  trimtab tune start birds --wait",
      "  trimtab tune list",
      "  trimtab tune watch JOB",
    })
public final class TuneCommand {
  private TuneCommand() {}

  /**
   * The command with its own.
   *
   * @param channels connects to a server at HOST:PORT
   */
  public static CommandLine line(Function<String, ManagedChannel> channels) {
    CommandLine line = new CommandLine(new TuneCommand());
    List.of(
            new TuneStartCommand(channels),
            new TuneListCommand(channels),
            new TuneWatchCommand(channels),
            new TuneCancelCommand(channels))
        .forEach(line::addSubcommand);
    return line;
  }
}
