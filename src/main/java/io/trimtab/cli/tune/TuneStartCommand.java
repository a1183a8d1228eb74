package io.trimtab.cli.tune;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.ProtoJson;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.cli.terminal.Terminal;
import io.trimtab.v1.StartTuningRequest;
import io.trimtab.v1.TuningGrpc;
import io.trimtab.v1.TuningJob;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab tune start}: a job by hand. */
@Command(
    name = "start",
    description = "Tunes an adapter on the corrections there are, whatever their number.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes with --wait:%n",
    exitCodeList = {"0:published", "1:failed or cancelled", "3:rejected by the gate"},
    footer = {
      "  trimtab tune start birds",
      "  trimtab tune start birds --recipe gate-up --wait && echo published",
    },
    sortOptions = false)
final class TuneStartCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "ADAPTER", description = "Whose corrections.")
  private String adapter = "";

  @Option(
      names = "--recipe",
      paramLabel = "R",
      description = "sa-proj, sa-qkv, gate-up or projector (default: the server's).")
  private String recipe = "";

  @Option(names = "--wait", description = "Follow the job to its end, as 'tune watch' does.")
  private boolean wait;

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  TuneStartCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    StartTuningRequest request =
        StartTuningRequest.newBuilder().setAdapter(adapter).setRecipe(recipe).build();
    try (RemoteServer server = RemoteServer.of(options, channels)) {
      TuningJob job = server.call(() -> server.stub(TuningGrpc::newBlockingStub).start(request));
      if (wait) {
        return TuningFollower.of(options, out, Terminal.of(spec)).follow(server, job.getJobId());
      }
      out.println(
          options.json
              ? ProtoJson.line(job)
              : "Job %s tunes %s: follow it with 'trimtab tune watch %1$s'"
                  .formatted(job.getJobId(), job.getAdapter()));
      out.flush();
    }
    return 0;
  }
}
