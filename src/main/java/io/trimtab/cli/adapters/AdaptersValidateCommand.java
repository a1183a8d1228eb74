package io.trimtab.cli.adapters;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.terminal.ByteProgress;
import io.trimtab.v1.UploadHeader;
import io.trimtab.v1.ValidationReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab adapters validate}: whether an upload would be accepted, and why not. */
@Command(
    name = "validate",
    description = {
      "Has the server check a folder that PEFT wrote as an upload would be checked; nothing is kept.",
      "Exits with 1 when it would be refused.",
    },
    mixinStandardHelpOptions = true,
    footer = {"  trimtab adapters validate DIR && trimtab adapters upload birds DIR"},
    sortOptions = false)
final class AdaptersValidateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Where save_pretrained wrote to.")
  private Path folder;

  @Option(
      names = "--allow-noop",
      description = "Accept it even when it changes nothing on the server's probe.")
  private boolean allowNoop;

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  AdaptersValidateCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    UploadHeader header = UploadHeader.newBuilder().setAllowNoop(allowNoop).build();
    try (RemoteAdapters server = RemoteAdapters.of(options, channels);
        ByteProgress progress = ByteProgress.sending("Validating")) {
      ValidationReport report =
          FolderUpload.send(server, server.streams()::validate, header, folder, progress);
      AdapterPrinter.of(options, spec).report(report);
      return report.getAccepted() ? 0 : 1;
    }
  }
}
