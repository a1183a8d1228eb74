package io.trimtab.cli.feedback;

import io.grpc.ManagedChannel;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code trimtab feedback}: corrections, on their way to a server and there. */
@Command(
    name = "feedback",
    description = {
      "Sends corrections to a running server, and shows what it has of them.",
      "They go onto the same Kafka topic that applications write to.",
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "  trimtab feedback send birds --image wren.png --question \"What species is this?\" --correction wren",
      "  trimtab feedback send --file corrections.jsonl",
      "  trimtab feedback status",
      "  trimtab feedback export birds DIR",
    })
public final class FeedbackCommand {
  private FeedbackCommand() {}

  /**
   * The command with its own.
   *
   * @param channels connects to a server at HOST:PORT
   */
  public static CommandLine line(Function<String, ManagedChannel> channels) {
    CommandLine line = new CommandLine(new FeedbackCommand());
    List.of(
            new FeedbackSendCommand(channels),
            new FeedbackStatusCommand(channels),
            new FeedbackListCommand(channels),
            new FeedbackExportCommand(channels),
            new FeedbackRetractCommand(channels),
            new FeedbackRedriveCommand(channels))
        .forEach(line::addSubcommand);
    return line;
  }
}
