package io.trimtab.cli.drift;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.ProtoJson;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.v1.DriftGrpc;
import io.trimtab.v1.DriftReportRequest;
import io.trimtab.v1.DriftSignal;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab drift watch}: each signal and what was done about it, as it happens. */
@Command(
    name = "watch",
    description = {
      "Prints each signal of drift with what was done about it, until Ctrl-C.",
      "It tells of the one process that is asked; with several, ask each (--server).",
    },
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab drift watch",
      "  trimtab drift watch birds --json | jq .action",
    },
    sortOptions = false)
final class DriftWatchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "ADAPTER",
      defaultValue = "",
      description = "Of one adapter alone (default: all of the tenant's).")
  private String adapter = "";

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  DriftWatchCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    DriftReportRequest request = DriftReportRequest.newBuilder().setAdapter(adapter).build();
    try (RemoteServer server = RemoteServer.of(options, channels)) {
      server.forEach(
          () -> server.stub(DriftGrpc::newBlockingStub).watch(request),
          signal -> show(out, signal));
    }
    return 0;
  }

  private void show(PrintWriter out, DriftSignal signal) {
    if (options.json) {
      out.println(ProtoJson.line(signal));
    } else {
      DriftTables.event(signal).forEach(out::println);
    }
    out.flush();
  }
}
