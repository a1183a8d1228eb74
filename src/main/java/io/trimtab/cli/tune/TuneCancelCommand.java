package io.trimtab.cli.tune;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.ProtoJson;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.v1.TuningGrpc;
import io.trimtab.v1.TuningJob;
import io.trimtab.v1.TuningJobRef;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab tune cancel}: ends a job. */
@Command(
    name = "cancel",
    description = "Ends a job at its next step; nothing of it is published.",
    mixinStandardHelpOptions = true,
    footer = {"  trimtab tune cancel JOB"},
    sortOptions = false)
final class TuneCancelCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "JOB", description = "The job's id.")
  private String job = "";

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  TuneCancelCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (RemoteServer server = RemoteServer.of(options, channels)) {
      TuningJobRef ref = TuningJobRef.newBuilder().setJobId(job).build();
      TuningJob cancelled = server.call(() -> server.stub(TuningGrpc::newBlockingStub).cancel(ref));
      out.println(
          options.json
              ? ProtoJson.line(cancelled)
              : "Job %s is cancelled".formatted(cancelled.getJobId()));
      out.flush();
    }
    return 0;
  }
}
