package io.trimtab.cli.feedback;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.ProtoJson;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.v1.FeedbackGrpc;
import io.trimtab.v1.RedriveRequest;
import io.trimtab.v1.RedriveResponse;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code trimtab feedback redrive}: dead letters, once more. */
@Command(
    name = "redrive",
    description =
        "Sends the tenant's dead letters again, oldest first, once what was wrong is mended.",
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab feedback redrive",
      "  trimtab feedback redrive --max 100",
    },
    sortOptions = false)
final class FeedbackRedriveCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--max", paramLabel = "N", description = "Most that are sent (default: 1000).")
  private int max;

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  FeedbackRedriveCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() {
    RedriveRequest request = RedriveRequest.newBuilder().setMax(max).build();
    try (RemoteServer server = RemoteServer.of(options, channels)) {
      RedriveResponse response =
          server.call(() -> server.stub(FeedbackGrpc::newBlockingStub).redrive(request));
      PrintWriter out = spec.commandLine().getOut();
      out.println(
          options.json
              ? ProtoJson.line(response)
              : "%d dead letters are sent again".formatted(response.getSent()));
      out.flush();
    }
    return 0;
  }
}
