package io.trimtab.cli.adapters;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.v1.WatchAdaptersRequest;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code trimtab adapters watch}: every change to a tenant's adapters, as it happens. */
@Command(
    name = "watch",
    description = "Prints every change to a tenant's adapters as it happens, until Ctrl-C.",
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab adapters watch",
      "  trimtab adapters watch --json | jq .kind",
    },
    sortOptions = false)
final class AdaptersWatchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  AdaptersWatchCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() throws IOException {
    AdapterPrinter printer = AdapterPrinter.of(options, spec);
    try (RemoteAdapters server = RemoteAdapters.of(options, channels)) {
      server.forEach(stub -> stub.watch(WatchAdaptersRequest.getDefaultInstance()), printer::event);
    }
    return 0;
  }
}
