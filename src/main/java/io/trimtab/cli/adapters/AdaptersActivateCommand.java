package io.trimtab.cli.adapters;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.v1.ActivateRequest;
import io.trimtab.v1.Adapter;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab adapters activate}: which revision a name is served by. */
@Command(
    name = "activate",
    description = {
      "Makes a revision the one that its name is served by, or a canary beside it.",
      "Requests that run finish on the revision they started on.",
    },
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab adapters activate birds@2",
      "  trimtab adapters activate birds@2 --canary 10              # a tenth of the requests",
      "  trimtab adapters activate birds@3 --force --reason \"looked at it\"",
      "  trimtab adapters activate birds@0                          # base",
    },
    sortOptions = false)
final class AdaptersActivateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "NAME@REV",
      converter = RevisionName.Converter.class,
      description = "The revision; 0 is the base model.")
  private RevisionName name;

  @Option(
      names = "--canary",
      paramLabel = "PERCENT",
      description = "Serve it to this share of the requests alone, 1 to 99.")
  private int canaryPercent;

  @Option(
      names = "--force",
      description = "Also one that was rejected or is in quarantine; needs --reason.")
  private boolean force;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, in a line; it is kept.")
  private String reason = "";

  @Option(
      names = "--if-version",
      paramLabel = "N",
      description = "Only while the adapter is at this version.")
  private long ifVersion;

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  AdaptersActivateCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() {
    if (name.revision().isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "Expected NAME@REVISION, got '%s'".formatted(name));
    }
    ActivateRequest request =
        ActivateRequest.newBuilder()
            .setAdapter(name.name())
            .setRevision(name.revisionOrZero())
            .setCanaryPercent(canaryPercent)
            .setForce(force)
            .setReason(reason)
            .setIfVersion(ifVersion)
            .build();
    try (RemoteAdapters server = RemoteAdapters.of(options, channels)) {
      Adapter adapter = server.call(stub -> stub.activate(request));
      AdapterPrinter.of(options, spec).changed(adapter, sentence(adapter));
    }
    return 0;
  }

  private String sentence(Adapter adapter) {
    return adapter.getCanaryRevision() == name.revisionOrZero() && adapter.getCanaryPercent() > 0
        ? "%s serves %d %% of the requests".formatted(name, adapter.getCanaryPercent())
        : "%s is active".formatted(name);
  }
}
