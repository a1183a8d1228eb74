package io.trimtab.cli.adapters;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.v1.Adapter;
import io.trimtab.v1.AdapterRef;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab adapters rollback}: back to the revision that was active before. */
@Command(
    name = "rollback",
    description = "Goes back to the revision that was active before; to base, when there was none.",
    mixinStandardHelpOptions = true,
    footer = {"  trimtab adapters rollback birds"},
    sortOptions = false)
final class AdaptersRollbackCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "The adapter.")
  private String name;

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  AdaptersRollbackCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() {
    AdapterRef ref = AdapterRef.newBuilder().setAdapter(name).build();
    try (RemoteAdapters server = RemoteAdapters.of(options, channels)) {
      Adapter adapter = server.call(stub -> stub.rollback(ref));
      AdapterPrinter.of(options, spec)
          .changed(adapter, "%s@%d is active again".formatted(name, adapter.getActiveRevision()));
    }
    return 0;
  }
}
