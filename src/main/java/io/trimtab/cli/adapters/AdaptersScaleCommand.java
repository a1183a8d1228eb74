package io.trimtab.cli.adapters;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.v1.Adapter;
import io.trimtab.v1.SetScaleRequest;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab adapters scale}: how much of a delta is served. */
@Command(
    name = "scale",
    description = "Serves a revision damped: 1 as it was tuned, 0 as base, between them a blend.",
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab adapters scale birds 0.7 --reason \"a little less of it\"",
      "  trimtab adapters scale birds@2 1",
    },
    sortOptions = false)
final class AdaptersScaleCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "NAME[@REV]",
      converter = RevisionName.Converter.class,
      description = "What to damp; without a revision, the active one.")
  private RevisionName name;

  @Parameters(index = "1", paramLabel = "VALUE", description = "0 to 1.")
  private float scale;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, in a line; it is kept.")
  private String reason = "";

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  AdaptersScaleCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() {
    SetScaleRequest request =
        SetScaleRequest.newBuilder()
            .setAdapter(name.name())
            .setRevision(name.revisionOrZero())
            .setScale(scale)
            .setReason(reason)
            .build();
    try (RemoteAdapters server = RemoteAdapters.of(options, channels)) {
      Adapter adapter = server.call(stub -> stub.setScale(request));
      AdapterPrinter.of(options, spec)
          .changed(adapter, "%s is served at a scale of %s".formatted(name, scale));
    }
    return 0;
  }
}
