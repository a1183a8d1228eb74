package io.trimtab.testing;

import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of reference checkpoints and cases that stands beside the project. */
public final class Shared {
  private Shared() {}

  /** A path inside the folder: system property {@code trimtab.shared}, else {@code ../shared}. */
  public static Path path(String relative) {
    Path root =
        Path.of(System.getProperty("trimtab.shared", "../shared")).toAbsolutePath().normalize();
    if (!Files.isDirectory(root)) {
      throw new IllegalStateException(
          "Expected the reference folder at %s; name it with -Dtrimtab.shared=DIR".formatted(root));
    }
    return root.resolve(relative);
  }
}
