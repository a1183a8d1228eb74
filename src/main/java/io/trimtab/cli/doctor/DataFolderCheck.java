package io.trimtab.cli.doctor;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The folder of all that a server keeps: whether it can be written, or made, and how much room its
 * disk has.
 *
 * @param folder it need not exist
 * @param weightsBytes of the checkpoint whose graphs go there; 0 where it is not known
 */
public record DataFolderCheck(Path folder, long weightsBytes) implements Check {
  /** Below this not even a journal of the broker fits. */
  private static final long FREE_LEAST_BYTES = 256L << 20;

  /** Beside the graphs: adapters, pictures, the broker's records, what tuning unpacks. */
  private static final long FREE_GOOD_BYTES = 2L << 30;

  public DataFolderCheck {
    folder = folder.toAbsolutePath().normalize();
  }

  @Override
  public String name() {
    return "data folder";
  }

  @Override
  public List<Finding> look() throws IOException {
    Path there = nearest(folder);
    if (there == null || !Files.isDirectory(there)) {
      return List.of(
          Finding.fault(
              name(),
              "%s can't be made: %s is no folder".formatted(folder, there),
              "name another folder with --data or TRIMTAB_DATA"));
    }
    FileStore disk = Files.getFileStore(there);
    if (disk.isReadOnly() || !Files.isWritable(there) || !Files.isExecutable(there)) {
      return List.of(
          Finding.fault(
              name(),
              "%s can't be written by this user".formatted(there),
              "give the user of the server the right to, or name another folder with --data or"
                  + " TRIMTAB_DATA"));
    }
    return List.of(room(there, disk.getUsableSpace()));
  }

  private Finding room(Path there, long free) {
    String found =
        "%s%s, %s free"
            .formatted(folder, there.equals(folder) ? "" : " (to be made)", Sizes.text(free));
    String advice = "make room on that disk, or name a folder on another with --data";
    if (free < FREE_LEAST_BYTES) {
      return Finding.fault(name(), found, advice);
    }
    long good = FREE_GOOD_BYTES + weightsBytes;
    return free < good
        ? Finding.warning(
            name(), "%s, expected %s or more".formatted(found, Sizes.text(good)), advice)
        : Finding.ok(name(), found);
  }

  /** The folder itself, or the nearest one above it that is there. */
  private static @Nullable Path nearest(Path folder) {
    Path there = folder;
    while (there != null && !Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
      there = there.getParent();
    }
    return there;
  }
}
