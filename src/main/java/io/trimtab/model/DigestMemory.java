package io.trimtab.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Digests of model folders, remembered by path, size and time of change of their files: reading 15
 * GB at every start takes longer than loading them. A file that changes without its size and time
 * is not noticed.
 */
final class DigestMemory {
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  /** Another one where other files of the same folder are read. */
  private static final String READ_ORDER = "model.safetensors before its index";

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
        String known = Files.readString(entry);
        // A machine that lost its power may have kept the name without the contents.
        if (DIGEST.matcher(known).matches()) {
          return known;
        }
      }
      String digest = computed.get();
      keep(entry, digest);
      return digest;
    } catch (IOException e) {
      throw new UncheckedIOException("The digest of %s could not be kept".formatted(model), e);
    }
  }

  private void keep(Path entry, String digest) throws IOException {
    Files.createDirectories(folder);
    Path aside = Files.createTempFile(folder, ".digest-", "");
    try {
      Files.writeString(aside, digest);
      Files.move(aside, entry, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(aside);
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
    String text =
        String.join(
            "\n", CheckpointDigest.FORMAT, READ_ORDER, model.toRealPath().toString(), files);
    byte[] hash = CheckpointDigest.sha256().digest(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash);
  }

  private static boolean counts(Path file) {
    String name = file.getFileName().toString();
    return name.equals("config.json") || name.contains(".safetensors");
  }

  private static String describe(Path file) {
    try {
      // The time's text has all the digits that the file system keeps.
      return "%s %d %s"
          .formatted(file.getFileName(), Files.size(file), Files.getLastModifiedTime(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
