package io.trimtab.cli.adapters;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.v1.Adapter;
import io.trimtab.v1.AdapterRef;
import io.trimtab.v1.ListAdaptersRequest;
import io.trimtab.v1.ListAdaptersResponse;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab adapters list}: a tenant's adapters, or one of them with its revisions. */
@Command(
    name = "list",
    description = "Lists a tenant's adapters; with a name, that adapter's revisions.",
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab adapters list                # all of the tenant's",
      "  trimtab adapters list birds          # its revisions",
      "  trimtab adapters list --json --server trimtab.example.org:9000",
    },
    sortOptions = false)
final class AdaptersListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "One adapter.")
  @Nullable String name;

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  AdaptersListCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() {
    AdapterPrinter printer = AdapterPrinter.of(options, spec);
    try (RemoteAdapters server = RemoteAdapters.of(options, channels)) {
      if (name == null) {
        ListAdaptersResponse list =
            server.call(stub -> stub.list(ListAdaptersRequest.getDefaultInstance()));
        printer.adapters(list);
      } else {
        AdapterRef ref = AdapterRef.newBuilder().setAdapter(name).build();
        Adapter adapter = server.call(stub -> stub.get(ref));
        printer.revisions(adapter);
      }
    }
    return 0;
  }
}
