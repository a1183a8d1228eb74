package io.trimtab.drift;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.AdapterSnapshot.Existence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

  /** Also of one that a kill left half written. */
  private static final Pattern FILE = Pattern.compile("(\\d{1,9})-0x[0-9a-fp.-]+\\.json(\\.part)?");

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

  /**
   * Deletes the states of an adapter's revisions that were deleted, and the folder of one that was
   * deleted itself. What is no state is left alone: other processes' folders may be below.
   *
   * @throws UncheckedIOException where the disk refuses
   */
  void forget(AdapterSnapshot adapter) {
    Path states = folder(adapter.id());
    if (!Files.isDirectory(states)) {
      return;
    }
    try {
      for (Path file : files(states)) {
        Matcher name = FILE.matcher(file.getFileName().toString());
        if (name.matches() && adapter.isGone(Integer.parseInt(name.group(1)))) {
          Files.deleteIfExists(file);
        }
      }
      if (adapter.existence() == Existence.DELETED) {
        deleteIfEmpty(states);
        deleteIfEmpty(tenantFolder(adapter.id()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static void deleteIfEmpty(Path folder) throws IOException {
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException e) {
      // Another's is in it.
    }
  }

  /** Names match {@code [a-z0-9][a-z0-9._-]*}, so they are safe as paths. */
  private Path file(Served served) {
    return folder(served.id())
        .resolve("%d-%s.json".formatted(served.revision(), Float.toHexString(served.scale())));
  }

  private Path folder(AdapterId id) {
    return tenantFolder(id).resolve(id.name());
  }

  private Path tenantFolder(AdapterId id) {
    return folder.resolve(id.tenant());
  }
}
