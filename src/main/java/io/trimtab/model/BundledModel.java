package io.trimtab.model;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The small checkpoints that travel inside the program. Each is a folder of resources with an
 * {@code index.txt}; on first use it is unpacked to real files, since weights are mapped from disk.
 */
public final class BundledModel {
  /** What {@code --model} means when it is not given. */
  public static final String DEFAULT = "dinghy-llava";

  private static final List<String> NAMES = List.of(DEFAULT, "dinghy-qwen");

  private BundledModel() {}

  /** The names, the default first. */
  public static List<String> names() {
    return NAMES;
  }

  /** Whether {@code name} is that of a bundled model. */
  public static boolean exists(String name) {
    return NAMES.contains(name);
  }

  /**
   * The folder that {@code --model} names: a bundled model, unpacked, or a folder of the user's. A
   * name with a separator in it is always a folder.
   */
  public static Path locate(String model, Path dataFolder) {
    if (exists(model)) {
      return unpack(model, dataFolder);
    }
    Path folder = Path.of(model);
    if (!Files.isDirectory(folder)) {
      throw new TrimtabException(
          ErrorCode.NOT_FOUND,
          "Expected the folder of a checkpoint or one of the bundled models %s, got %s"
              .formatted(String.join(", ", NAMES), model));
    }
    return folder.toAbsolutePath().normalize();
  }

  /**
   * Unpacks a bundled model into {@code dataFolder/models/<digest>/<name>}, once: a later call,
   * also of another process, finds the folder. It appears whole or not at all, and every file is
   * checked against its digest on the way; a folder with missing or cut files is replaced.
   *
   * @return the folder of the checkpoint, absolute
   */
  public static Path unpack(String name, Path dataFolder) {
    if (!exists(name)) {
      throw new TrimtabException(
          ErrorCode.NOT_FOUND,
          "Expected one of %s, got %s".formatted(String.join(", ", NAMES), name));
    }
    BundledFiles files = BundledFiles.of(name);
    Path models =
        dataFolder
            .toAbsolutePath()
            .normalize()
            .resolve("models")
            .resolve(files.digest().substring(0, 12));
    Path target = models.resolve(name);
    try {
      if (!files.isWhole(target)) {
        Files.createDirectories(models);
        unpack(files, models, target);
      }
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot unpack %s into %s".formatted(name, models), e);
    }
  }

  private static void unpack(BundledFiles files, Path models, Path target) throws IOException {
    Path work = Files.createTempDirectory(models, ".unpacking-");
    try {
      Path fresh = Files.createDirectory(work.resolve("fresh"));
      files.copyTo(fresh);
      if (Files.exists(target) && !files.isWhole(target)) {
        Files.move(target, work.resolve("damaged"), StandardCopyOption.ATOMIC_MOVE);
      }
      try {
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileSystemException e) {
        // Another process was first: the same bytes under the same name.
        if (!files.isWhole(target)) {
          throw e;
        }
      }
    } finally {
      delete(work);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
