package io.trimtab.tuning.job;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The steps that change a job's folder, one by one, so that a test can end the program at each.
 * What has a name of its own is whole: it is written under another, ending in {@code .part}, made
 * durable, and renamed.
 */
public interface DiskSteps {
  DiskSteps REAL = new DiskSteps() {};

  /** The name under which a file or folder is written before it is whole. */
  static Path part(Path whole) {
    return whole.resolveSibling(whole.getFileName() + ".part");
  }

  default void write(Path file, byte[] contents) throws IOException {
    Files.write(file, contents);
  }

  default void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Makes a file's contents, or the names in a folder, durable. */
  default void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Deletes a file, or a folder with all in it, where it is there. */
  default void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> all = Files.walk(path)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }

  /** Writes a file so that whoever looks finds the old contents or the new, whole. */
  default void replace(Path file, byte[] contents) throws IOException {
    Path part = part(file);
    write(part, contents);
    publish(part, file);
  }

  /** Makes a file, or a folder of files, durable and gives it its name. */
  default void publish(Path part, Path whole) throws IOException {
    if (Files.isDirectory(part)) {
      for (Path file : filesIn(part)) {
        sync(file);
      }
    }
    sync(part);
    if (Files.isDirectory(whole)) {
      delete(whole);
    }
    move(part, whole);
    sync(Objects.requireNonNull(whole.toAbsolutePath().getParent()));
  }

  private static List<Path> filesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
