package io.trimtab.cli.tune;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.ProtoJson;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.cli.terminal.Terminal;
import io.trimtab.v1.ListTuningJobsRequest;
import io.trimtab.v1.ListTuningJobsResponse;
import io.trimtab.v1.TuningGrpc;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab tune list}: a tenant's jobs, newest first. */
@Command(
    name = "list",
    description = "Lists a tenant's tuning jobs, newest first.",
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab tune list",
      "  trimtab tune list birds --json",
    },
    sortOptions = false)
final class TuneListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "ADAPTER", description = "Those of one adapter.")
  @Nullable String adapter;

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  TuneListCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    ListTuningJobsRequest request =
        ListTuningJobsRequest.newBuilder().setAdapter(adapter == null ? "" : adapter).build();
    try (RemoteServer server = RemoteServer.of(options, channels)) {
      ListTuningJobsResponse list =
          server.call(() -> server.stub(TuningGrpc::newBlockingStub).list(request));
      if (options.json) {
        out.println(ProtoJson.line(list));
      } else {
        TuningTables.jobs(list.getJobsList(), Terminal.of(spec)).forEach(out::println);
      }
      out.flush();
    }
    return 0;
  }
}
