package io.trimtab.testing;

import java.nio.file.Files;
import java.nio.file.Path;

/** Checkpoints and reference cases that travel with the project, by the names that tests use. */
public final class Shared {
  private Shared() {}

  /**
   * A path that exists: {@code reference/...} in src/test, {@code models/...} in
   * src/main/resources; or both in the folder that the system property {@code test.shared} names.
   */
  public static Path path(String relative) {
    Path path = root(relative).resolve(relative).toAbsolutePath().normalize();
    if (!Files.exists(path)) {
      throw new IllegalStateException("Expected test data at " + path);
    }
    return path;
  }

  private static Path root(String relative) {
    String other = System.getProperty("test.shared");
    if (other != null) {
      return Path.of(other);
    }
    Path relativePath = Path.of(relative);
    if (relativePath.startsWith("reference")) {
      return Path.of("src/test");
    }
    if (relativePath.startsWith("models")) {
      return Path.of("src/main/resources");
    }
    throw new IllegalArgumentException("Expected reference/... or models/..., got " + relative);
  }
}
