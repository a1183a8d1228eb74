package io.trimtab.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Digests of model folders, remembered by path, size and time of change of their files: reading 15
 * GB at every start takes longer than loading them. A file that changes without its size and time
 * is not noticed.
 */
final class DigestMemory {
  private final Path folder;

  private DigestMemory(Path folder) {
    this.folder = folder;
  }

  static DigestMemory in(Path folder) {
    return new DigestMemory(folder);
  }

  String digestOf(Path model, Supplier<String> computed) {
    try {
      Path entry = folder.resolve(identity(model));
      if (Files.exists(entry)) {
        return Files.readString(entry);
      }
      String digest = computed.get();
      Files.createDirectories(folder);
      Path aside = Files.createTempFile(folder, ".digest-", "");
      Files.writeString(aside, digest);
      Files.move(aside, entry, StandardCopyOption.ATOMIC_MOVE);
      return digest;
    } catch (IOException e) {
      throw new UncheckedIOException("The digest of %s could not be kept".formatted(model), e);
    }
  }

  private static String identity(Path model) throws IOException {
    String files;
    try (Stream<Path> entries = Files.list(model)) {
      files =
          entries
              .filter(DigestMemory::counts)
              .sorted()
              .map(DigestMemory::describe)
              .collect(Collectors.joining("\n"));
    }
    String text = model.toRealPath() + "\n" + files;
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  private static boolean counts(Path file) {
    String name = file.getFileName().toString();
    return name.equals("config.json") || name.contains(".safetensors");
  }

  private static String describe(Path file) {
    try {
      return "%s %d %d"
          .formatted(
              file.getFileName(), Files.size(file), Files.getLastModifiedTime(file).toMillis());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
