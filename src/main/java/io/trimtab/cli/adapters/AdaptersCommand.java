package io.trimtab.cli.adapters;

import io.grpc.ManagedChannel;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code trimtab adapters}: what a server serves beside its base model. */
@Command(
    name = "adapters",
    description = {
      "Uploads adapters that PEFT wrote to a running server, and decides which of them it serves.",
      "An adapter is a line of revisions, NAME@1, NAME@2 and so on; NAME@0 is the base model.",
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "  trimtab adapters upload birds DIR --activate",
      "  trimtab adapters activate birds@2 --canary 10",
      "  trimtab adapters rollback birds",
      "  trimtab ask --server localhost:9000 --adapter birds \"What color?\"",
    })
public final class AdaptersCommand {
  private AdaptersCommand() {}

  /**
   * The command with its own.
   *
   * @param channels connects to a server at HOST:PORT
   */
  public static CommandLine line(Function<String, ManagedChannel> channels) {
    CommandLine line = new CommandLine(new AdaptersCommand());
    List.of(
            new AdaptersListCommand(channels),
            new AdaptersUploadCommand(channels),
            new AdaptersValidateCommand(channels),
            new AdaptersDownloadCommand(channels),
            new AdaptersActivateCommand(channels),
            new AdaptersRollbackCommand(channels),
            new AdaptersScaleCommand(channels),
            new AdaptersDeleteCommand(channels),
            new AdaptersWatchCommand(channels))
        .forEach(line::addSubcommand);
    return line;
  }
}
