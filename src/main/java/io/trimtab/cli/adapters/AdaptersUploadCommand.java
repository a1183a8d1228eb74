package io.trimtab.cli.adapters;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.terminal.ByteProgress;
import io.trimtab.v1.Revision;
import io.trimtab.v1.UploadHeader;
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

/**
 * {@code trimtab adapters upload}: a folder that PEFT wrote becomes the next revision of a name.
 */
@Command(
    name = "upload",
    description = {
      "Uploads a folder that PEFT wrote as the next revision of an adapter.",
      "Only adapter_config.json and adapter_model.safetensors are sent; the server checks both"
          + " against its model before it keeps them.",
    },
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab adapters upload birds DIR --note \"wings, June\"",
      "  trimtab adapters upload birds DIR --activate          # the next request uses it",
    },
    sortOptions = false)
final class AdaptersUploadCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "NAME", description = "The adapter; made when missing.")
  private String name;

  @Parameters(index = "1", paramLabel = "DIR", description = "Where save_pretrained wrote to.")
  private Path folder;

  @Option(names = "--activate", description = "Serve it by name at once.")
  private boolean activate;

  @Option(names = "--note", paramLabel = "TEXT", description = "What it is, in a line.")
  private String note = "";

  @Option(
      names = "--allow-noop",
      description = "Accept it even when it changes nothing on the server's probe.")
  private boolean allowNoop;

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  AdaptersUploadCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    UploadHeader header =
        UploadHeader.newBuilder()
            .setAdapter(name)
            .setActivate(activate)
            .setNote(note)
            .setAllowNoop(allowNoop)
            .build();
    try (RemoteAdapters server = RemoteAdapters.of(options, channels);
        ByteProgress progress = ByteProgress.sending("Uploading")) {
      Revision revision =
          FolderUpload.send(server, server.streams()::upload, header, folder, progress);
      AdapterPrinter.of(options, spec).uploaded(revision);
    }
    return 0;
  }
}
