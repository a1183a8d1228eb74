package io.trimtab.cli.feedback;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.ProtoJson;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.v1.FeedbackGrpc;
import io.trimtab.v1.RetractRequest;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab feedback retract}: takes an example back. */
@Command(
    name = "retract",
    description = "Takes an example back: it is kept, and no tuning uses it from now on.",
    mixinStandardHelpOptions = true,
    footer = {"  trimtab feedback retract ID --reason \"the wrong bird\""},
    sortOptions = false)
final class FeedbackRetractCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "ID", description = "The feedback's id.")
  private String id = "";

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, in a line; it is kept.")
  private String reason = "";

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  FeedbackRetractCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() {
    RetractRequest request =
        RetractRequest.newBuilder().setFeedbackId(id).setReason(reason).build();
    try (RemoteServer server = RemoteServer.of(options, channels)) {
      var _ = server.call(() -> server.stub(FeedbackGrpc::newBlockingStub).retract(request));
      PrintWriter out = spec.commandLine().getOut();
      out.println(options.json ? ProtoJson.line(request) : "%s is retracted".formatted(id));
      out.flush();
    }
    return 0;
  }
}
