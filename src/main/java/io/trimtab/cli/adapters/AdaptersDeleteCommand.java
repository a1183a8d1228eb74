package io.trimtab.cli.adapters;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.RemoteOptions;
import java.io.Console;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab adapters delete}: a revision, or an adapter with everything kept for it. */
@Command(
    name = "delete",
    description = "Deletes a revision; without one, the whole adapter and everything kept for it.",
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab adapters delete birds@1               # one revision",
      "  trimtab adapters delete birds --yes           # all of it",
    },
    sortOptions = false)
final class AdaptersDeleteCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "NAME[@REV]",
      converter = RevisionName.Converter.class,
      description = "What to delete.")
  private RevisionName name;

  @Option(names = "--yes", description = "Do not ask before a whole adapter is deleted.")
  private boolean yes;

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  AdaptersDeleteCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() {
    if (name.revisionOrZero() == 0 && !yes && !agreed()) {
      spec.commandLine().getErr().println("Nothing is deleted.");
      return 1;
    }
    try (RemoteAdapters server = RemoteAdapters.of(options, channels)) {
      server.call(stub -> stub.delete(name.ref()));
      AdapterPrinter.of(options, spec).done(name.ref(), "%s is deleted".formatted(name));
    }
    return 0;
  }

  private boolean agreed() {
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      throw new ParameterException(
          spec.commandLine(),
          "This deletes the whole adapter %s: say --yes, or name a revision".formatted(name));
    }
    String answer = console.readLine("Delete %s with all its revisions? [y/N] ", name);
    return answer != null && answer.strip().equalsIgnoreCase("y");
  }
}
