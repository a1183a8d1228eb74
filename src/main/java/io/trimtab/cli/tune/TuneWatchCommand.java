package io.trimtab.cli.tune;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.cli.terminal.Terminal;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab tune watch}: a job, live, to its end and the gate's report. */
@Command(
    name = "watch",
    description = "Follows a job to its end, and shows the gate's report.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:published", "1:failed or cancelled", "3:rejected by the gate"},
    footer = {
      "  trimtab tune watch JOB",
      "  trimtab tune watch JOB --json | jq .train_loss",
    },
    sortOptions = false)
final class TuneWatchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "JOB", description = "The job's id.")
  private String job = "";

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  TuneWatchCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() throws IOException {
    try (RemoteServer server = RemoteServer.of(options, channels)) {
      return TuningFollower.of(options, spec.commandLine().getOut(), Terminal.of(spec))
          .follow(server, job);
    }
  }
}
