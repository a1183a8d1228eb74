package io.trimtab.cli.doctor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** How large a checkpoint's weights are on disk. */
public final class WeightFiles {
  private WeightFiles() {}

  /** Bytes of the folder's safetensors; 0 where there is no such folder, or none in it. */
  public static long bytes(Path folder) {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> weights =
          files.filter(file -> file.getFileName().toString().endsWith(".safetensors")).toList();
      long bytes = 0;
      for (Path file : weights) {
        bytes += Files.size(file);
      }
      return bytes;
    } catch (IOException | UncheckedIOException e) {
      // Whoever reads them says what is wrong.
      return 0;
    }
  }
}
