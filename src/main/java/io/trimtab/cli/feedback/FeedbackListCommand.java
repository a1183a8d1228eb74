package io.trimtab.cli.feedback;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.ProtoJson;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.cli.terminal.Terminal;
import io.trimtab.cli.terminal.TextTable;
import io.trimtab.cli.terminal.TextTable.Column;
import io.trimtab.v1.FeedbackExample;
import io.trimtab.v1.FeedbackGrpc;
import io.trimtab.v1.ListExamplesRequest;
import io.trimtab.v1.Part;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab feedback list}: an adapter's examples, oldest first. */
@Command(
    name = "list",
    description = "Lists an adapter's examples, oldest first.",
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab feedback list birds",
      "  trimtab feedback list birds --json | jq -r .correction",
    },
    sortOptions = false)
final class FeedbackListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "ADAPTER",
      description = "Default: the tenant's default.")
  private String adapter = "";

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  FeedbackListCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    TextTable table =
        new TextTable(
            Column.left("ID"),
            Column.left("STATE"),
            Column.left("RECEIVED"),
            Column.shortened("QUESTION"),
            Column.shortened("ANSWER"),
            Column.shortened("CORRECTION"),
            Column.wrapped("DETAIL"));
    ListExamplesRequest request = ListExamplesRequest.newBuilder().setAdapter(adapter).build();
    try (RemoteServer server = RemoteServer.of(options, channels)) {
      server.forEach(
          () -> server.stub(FeedbackGrpc::newBlockingStub).listExamples(request),
          example -> {
            if (options.json) {
              out.println(ProtoJson.line(example));
            } else {
              add(table, example);
            }
          });
    }
    if (!options.json) {
      table.lines(Terminal.of(spec)).forEach(out::println);
    }
    out.flush();
    return 0;
  }

  private static void add(TextTable table, FeedbackExample example) {
    table.row(
        example.getFeedbackId(),
        example.getState(),
        Instant.ofEpochSecond(example.getReceived().getSeconds()),
        question(example),
        example.getAnswer(),
        example.getCorrection(),
        example.getDetail());
  }

  /** The texts of the last turn. */
  static String question(FeedbackExample example) {
    return example.getMessagesCount() == 0
        ? ""
        : example.getMessages(example.getMessagesCount() - 1).getPartsList().stream()
            .map(Part::getText)
            .collect(Collectors.joining(" "))
            .strip();
  }
}
