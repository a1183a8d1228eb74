package io.trimtab.serving.adapters;

import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionSource.PeftFiles;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The files of one revision, both open before the first byte is read: a deletion meanwhile takes
 * their names, not their contents.
 */
record RevisionFolder(FileChannel config, FileChannel weights) implements AutoCloseable {
  /**
   * Opens a revision's files, whatever its state.
   *
   * @param number 0 for the active one
   * @throws TrimtabException NOT_FOUND without such a revision, FAILED_PRECONDITION where base is
   *     active
   */
  static RevisionFolder open(AdapterRegistry registry, AdapterId id, int number)
      throws IOException {
    AdapterSnapshot snapshot = registry.get(id);
    int wanted = number == 0 ? snapshot.activeRevision() : number;
    if (wanted == 0) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "The adapter '%s' is served by base, which has no files: expected a revision"
              .formatted(id.name()));
    }
    Revision revision = snapshot.revision(wanted).orElseThrow(() -> notFound(id, wanted));
    try {
      return open(registry.files(ResolvedRevision.of(id, revision)));
    } catch (NoSuchFileException e) {
      throw notFound(id, wanted);
    }
  }

  @Override
  public void close() throws IOException {
    try (config;
        weights) {
      // Closing both is all.
    }
  }

  private static RevisionFolder open(PeftFiles files) throws IOException {
    FileChannel config = channel(files.config());
    try {
      return new RevisionFolder(config, channel(files.weights()));
    } catch (IOException e) {
      config.close();
      throw e;
    }
  }

  private static FileChannel channel(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  private static TrimtabException notFound(AdapterId id, int revision) {
    return new TrimtabException(
        ErrorCode.NOT_FOUND,
        "There is no revision %d of the adapter '%s'".formatted(revision, id.name()));
  }
}
