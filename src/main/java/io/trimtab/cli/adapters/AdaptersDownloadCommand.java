package io.trimtab.cli.adapters;

import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.Adapter;
import io.trimtab.v1.AdapterRef;
import io.trimtab.v1.RevisionRef;
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

/** {@code trimtab adapters download}: a revision as a folder that PEFT loads. */
@Command(
    name = "download",
    description = "Writes a revision to a folder that PEFT loads.",
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab adapters download birds DIR            # what is served now",
      "  trimtab adapters download birds@2 DIR --force",
    },
    sortOptions = false)
final class AdaptersDownloadCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "NAME[@REV]",
      converter = RevisionName.Converter.class,
      description = "What to download; without a revision, the active one.")
  private RevisionName name;

  @Parameters(index = "1", paramLabel = "DIR", description = "Folder to write; made when missing.")
  private Path folder;

  @Option(names = "--force", description = "Replace files that are there already.")
  private boolean force;

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  AdaptersDownloadCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() throws IOException {
    FolderDownload.Overwrite overwrite =
        force ? FolderDownload.Overwrite.REPLACE : FolderDownload.Overwrite.REFUSE;
    try (RemoteAdapters server = RemoteAdapters.of(options, channels);
        FolderDownload download = FolderDownload.into(folder, overwrite)) {
      RevisionRef revision = revision(server);
      server.forEach(stub -> stub.download(revision), download::write);
      download.keep();
      AdapterPrinter.of(options, spec)
          .done(
              revision,
              "%s@%d is in %s".formatted(revision.getAdapter(), revision.getRevision(), folder));
    }
    return 0;
  }

  private RevisionRef revision(RemoteAdapters server) {
    if (name.revisionOrZero() > 0) {
      return name.ref();
    }
    AdapterRef ref = AdapterRef.newBuilder().setAdapter(name.name()).build();
    Adapter adapter = server.call(stub -> stub.get(ref));
    if (adapter.getActiveRevision() == 0) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "%s is served by base, which has no files: name a revision, as in %s@1"
              .formatted(adapter.getAdapter(), adapter.getAdapter()));
    }
    return RevisionRef.newBuilder()
        .setAdapter(adapter.getAdapter())
        .setRevision(adapter.getActiveRevision())
        .build();
  }
}
