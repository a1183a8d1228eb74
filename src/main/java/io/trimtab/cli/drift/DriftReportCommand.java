package io.trimtab.cli.drift;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.ProtoJson;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.cli.terminal.Terminal;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.Adapter;
import io.trimtab.v1.AdaptersGrpc;
import io.trimtab.v1.DriftGrpc;
import io.trimtab.v1.DriftReport;
import io.trimtab.v1.DriftReportRequest;
import io.trimtab.v1.ListAdaptersRequest;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab drift report}: how an adapter's revision stands, or all of a tenant's. */
@Command(
    name = "report",
    description = {
      "Says how an adapter's served revision stands beside base.",
      "What it does more or less of, the evidence against it as a share of what it takes to alarm,"
          + " its probes, and what was done.",
      "Without a name, all of the tenant's adapters, one a line.",
      "It tells of the one process that is asked; with several, ask each (--server).",
    },
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab drift report                 # all adapters, one a line",
      "  trimtab drift report birds",
    },
    sortOptions = false)
final class DriftReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "ADAPTER", description = "One adapter, in full.")
  @Nullable String adapter;

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  DriftReportCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (RemoteServer server = RemoteServer.of(options, channels)) {
      List<DriftReport> reports = adapter == null ? all(server) : List.of(report(server, adapter));
      if (options.json) {
        reports.forEach(report -> out.println(ProtoJson.line(report)));
      } else if (adapter == null) {
        DriftTables.overview(reports, Terminal.of(spec)).forEach(out::println);
      } else {
        DriftTables.report(reports.getFirst(), Terminal.of(spec)).forEach(out::println);
      }
      out.flush();
    }
    return 0;
  }

  private static List<DriftReport> all(RemoteServer server) {
    List<DriftReport> reports = new ArrayList<>();
    for (Adapter each :
        server
            .call(
                () ->
                    server
                        .stub(AdaptersGrpc::newBlockingStub)
                        .list(ListAdaptersRequest.getDefaultInstance()))
            .getAdaptersList()) {
      try {
        reports.add(report(server, each.getAdapter()));
      } catch (TrimtabException e) {
        // Deleted since it was listed.
        if (e.code() != ErrorCode.NOT_FOUND) {
          throw e;
        }
      }
    }
    return reports;
  }

  private static DriftReport report(RemoteServer server, String adapter) {
    DriftReportRequest request = DriftReportRequest.newBuilder().setAdapter(adapter).build();
    return server.call(() -> server.stub(DriftGrpc::newBlockingStub).report(request));
  }
}
