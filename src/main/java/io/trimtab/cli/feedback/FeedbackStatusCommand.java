package io.trimtab.cli.feedback;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.ProtoJson;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.cli.terminal.Terminal;
import io.trimtab.cli.terminal.TextTable;
import io.trimtab.cli.terminal.TextTable.Column;
import io.trimtab.v1.AdapterFeedback;
import io.trimtab.v1.FeedbackGrpc;
import io.trimtab.v1.FeedbackStatus;
import io.trimtab.v1.FeedbackStatusRequest;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code trimtab feedback status}: how much there is, by adapter. */
@Command(
    name = "status",
    description = "Shows how much feedback a tenant's adapters have, and what is missing to tune.",
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab feedback status",
      "  trimtab feedback status --json",
    },
    sortOptions = false)
final class FeedbackStatusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  FeedbackStatusCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (RemoteServer server = RemoteServer.of(options, channels)) {
      FeedbackStatus status =
          server.call(
              () ->
                  server
                      .stub(FeedbackGrpc::newBlockingStub)
                      .status(FeedbackStatusRequest.getDefaultInstance()));
      if (options.json) {
        out.println(ProtoJson.line(status));
      } else {
        table(status).lines(Terminal.of(spec)).forEach(out::println);
      }
      out.flush();
    }
    return 0;
  }

  private static TextTable table(FeedbackStatus status) {
    TextTable table =
        new TextTable(
            Column.left("ADAPTER"),
            Column.right("EXAMPLES"),
            Column.right("NEW"),
            Column.right("MISSING"),
            Column.right("DEAD LETTERS"),
            Column.right("NOT READ"));
    for (AdapterFeedback each : status.getAdaptersList()) {
      table.row(
          each.getAdapter(),
          each.getExamples(),
          each.getSinceLastTuning(),
          each.getNeeded(),
          each.getDeadLettered(),
          each.getLag());
    }
    return table;
  }
}
