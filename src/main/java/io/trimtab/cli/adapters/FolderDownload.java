package io.trimtab.cli.adapters;

import io.trimtab.adaptation.AdapterFile;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.FileChunk;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumMap;
import java.util.Map;

/**
 * A PEFT folder being written. Its files have other names until {@link #keep}; closed before that
 * it leaves none. Files are those of {@link AdapterFile}, whatever a server calls them.
 */
final class FolderDownload implements AutoCloseable {
  /** What happens to files that are there already. */
  enum Overwrite {
    REFUSE,
    REPLACE
  }

  private final Path folder;
  private final Map<AdapterFile, OutputStream> open = new EnumMap<>(AdapterFile.class);

  private FolderDownload(Path folder) {
    this.folder = folder;
  }

  /**
   * Begins one.
   *
   * @throws TrimtabException FAILED_PRECONDITION for a file that is there and is not to be replaced
   */
  static FolderDownload into(Path folder, Overwrite overwrite) {
    for (AdapterFile file : AdapterFile.values()) {
      if (overwrite == Overwrite.REFUSE && Files.exists(folder.resolve(file.fileName()))) {
        throw new TrimtabException(
            ErrorCode.FAILED_PRECONDITION,
            "%s is there already: name another folder, or replace it with --force"
                .formatted(folder.resolve(file.fileName())));
      }
    }
    return new FolderDownload(folder);
  }

  void write(FileChunk chunk) throws IOException {
    AdapterFile file = AdapterFile.of(chunk.getPath());
    OutputStream stream = open.get(file);
    if (stream == null) {
      Files.createDirectories(folder);
      stream = Files.newOutputStream(part(file));
      open.put(file, stream);
    }
    chunk.getData().writeTo(stream);
  }

  /** Gives the files their names, now that they are whole. */
  void keep() throws IOException {
    for (AdapterFile file : AdapterFile.values()) {
      OutputStream stream = open.get(file);
      if (stream == null) {
        throw new TrimtabException(
            ErrorCode.INTERNAL, "The server sent no %s".formatted(file.fileName()));
      }
      stream.close();
    }
    for (AdapterFile file : AdapterFile.values()) {
      Files.move(part(file), folder.resolve(file.fileName()), StandardCopyOption.REPLACE_EXISTING);
    }
    open.clear();
  }

  @Override
  public void close() throws IOException {
    for (Map.Entry<AdapterFile, OutputStream> file : open.entrySet()) {
      file.getValue().close();
      Files.deleteIfExists(part(file.getKey()));
    }
  }

  private Path part(AdapterFile file) {
    return folder.resolve(file.fileName() + ".part");
  }
}
