package io.trimtab.drift;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * The states of watches on disk, one file each, so that a restart forgets nothing. They are this
 * server's own: another one that serves the same adapter watches its own share of the requests. A
 * file that can't be read is begun anew and said so; a state that is lost costs time until an
 * alarm, nothing else. One thread.
 */
final class WatchFolder {
  private static final System.Logger LOG = System.getLogger(WatchFolder.class.getName());

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  private final Path folder;

  /**
   * @param folder made when first written to
   */
  WatchFolder(Path folder) {
    this.folder = folder;
  }

  Optional<WatchState> read(Served served) {
    Path file = file(served);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(file.toFile(), WatchState.class));
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The watch of %s begins anew: %s cannot be read: %s"
              .formatted(served, file.getFileName(), e.getMessage()));
      return Optional.empty();
    }
  }

  /**
   * @throws UncheckedIOException where the disk refuses
   */
  void write(Served served, WatchState state) {
    Path file = file(served);
    try {
      Files.createDirectories(file.getParent());
      Path part = file.resolveSibling(file.getFileName() + ".part");
      JSON.writeValue(part.toFile(), state);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names match {@code [a-z0-9][a-z0-9._-]*}, so they are safe as paths. */
  private Path file(Served served) {
    return folder
        .resolve(served.id().tenant())
        .resolve(served.id().name())
        .resolve("%d-%s.json".formatted(served.revision(), Float.toHexString(served.scale())));
  }
}
