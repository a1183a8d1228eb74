package io.trimtab.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * The resources of one bundled model, as its {@code index.txt} lists them: a jar cannot be listed
 * like a folder. One line a file: SHA-256 in hex, size in bytes, path.
 *
 * @param digest SHA-256 of the index, in hex; it names the whole
 */
record BundledFiles(String name, String digest, List<Entry> entries) {
  static final String INDEX = "index.txt";

  /** One file of the model. */
  record Entry(String sha256, long bytes, String path) {
    static Entry parse(String line) {
      String[] parts = line.split(" ", 3);
      if (parts.length != 3 || parts[0].length() != 64) {
        throw new IllegalStateException("Expected 'sha256 bytes path' in an index, got: " + line);
      }
      return new Entry(parts[0], Long.parseLong(parts[1]), parts[2]);
    }
  }

  BundledFiles {
    entries = List.copyOf(entries);
  }

  static BundledFiles of(String name) {
    try (InputStream stream = open(name, INDEX)) {
      byte[] index = stream.readAllBytes();
      List<Entry> entries = new String(index, UTF_8).lines().map(Entry::parse).toList();
      return new BundledFiles(name, HexFormat.of().formatHex(sha256().digest(index)), entries);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the index of " + name, e);
    }
  }

  /** Whether every file is in {@code folder} with its size. */
  boolean isWhole(Path folder) throws IOException {
    for (Entry entry : entries) {
      Path file = folder.resolve(entry.path());
      if (!Files.isRegularFile(file) || Files.size(file) != entry.bytes()) {
        return false;
      }
    }
    return true;
  }

  /** Copies every file into {@code folder} and checks its digest. */
  void copyTo(Path folder) throws IOException {
    for (Entry entry : entries) {
      Path file = folder.resolve(entry.path());
      Files.createDirectories(file.getParent());
      MessageDigest digest = sha256();
      try (InputStream stream = open(name, entry.path());
          OutputStream out = new DigestOutputStream(Files.newOutputStream(file), digest)) {
        stream.transferTo(out);
      }
      String actual = HexFormat.of().formatHex(digest.digest());
      if (!actual.equals(entry.sha256())) {
        throw new IOException(
            "%s of %s: expected SHA-256 %s, got %s"
                .formatted(entry.path(), name, entry.sha256(), actual));
      }
    }
  }

  private static InputStream open(String name, String path) throws IOException {
    String resource = "/models/" + name + "/" + path;
    InputStream stream = BundledFiles.class.getResourceAsStream(resource);
    if (stream == null) {
      throw new IOException("The program lacks its resource " + resource);
    }
    return stream;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
