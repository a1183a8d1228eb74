package io.trimtab.adaptation.probes;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Picture;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One reading of a probe folder. */
final class ProbeReading {
  private final Path folder;
  private final ProbeLimits limits;
  private final Map<String, Picture> pictures = new HashMap<>();
  private long pictureBytes;

  ProbeReading(Path folder, ProbeLimits limits) {
    this.folder = folder;
    this.limits = limits;
  }

  ProbeSet read() throws IOException {
    List<String> texts = texts();
    if (texts.isEmpty()) {
      throw TrimtabException.invalid(
          "%s of %s is empty, expected a JSON object a line".formatted(ProbeFolder.FILE, folder));
    }
    if (texts.size() > limits.questionsMax()) {
      throw TrimtabException.invalid(
          "%s of %s has %d lines, expected %d at most"
              .formatted(ProbeFolder.FILE, folder, texts.size(), limits.questionsMax()));
    }
    List<ProbeLine> lines = new ArrayList<>(texts.size());
    for (int number = 1; number <= texts.size(); number++) {
      try {
        ProbeLine line = ProbeJson.line(texts.get(number - 1));
        take(line.picture());
        lines.add(line);
      } catch (TrimtabException e) {
        throw ProbeSorting.invalid(number, String.valueOf(e.getMessage()));
      }
    }
    return ProbeSorting.of(lines, pictures);
  }

  private List<String> texts() throws IOException {
    Path file = folder.resolve(ProbeFolder.FILE);
    if (!Files.isRegularFile(file)) {
      throw TrimtabException.invalid(
          "Expected a folder of pictures with %s, got %s".formatted(ProbeFolder.FILE, folder));
    }
    if (Files.size(file) > limits.bytesMax()) {
      throw TrimtabException.invalid(
          "%s has %d bytes, expected %d at most"
              .formatted(file, Files.size(file), limits.bytesMax()));
    }
    try {
      return Files.readString(file).lines().toList();
    } catch (CharacterCodingException e) {
      throw TrimtabException.invalid("%s is not text in UTF-8".formatted(file));
    }
  }

  private void take(String name) throws IOException {
    if (pictures.containsKey(name)) {
      return;
    }
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw TrimtabException.invalid("there is no picture '%s' in the folder".formatted(name));
    }
    // Links may be used inside the folder, as mounted folders do, and not to leave it.
    if (!file.toRealPath().startsWith(folder.toRealPath())) {
      throw TrimtabException.invalid("picture '%s' leads out of the folder".formatted(name));
    }
    byte[] encoded = bytes(file, name);
    pictureBytes += encoded.length;
    if (pictureBytes > limits.bytesMax()) {
      throw TrimtabException.invalid(
          "pictures up to '%s' have %d bytes together, expected %d at most"
              .formatted(name, pictureBytes, limits.bytesMax()));
    }
    pictures.put(name, Picture.of(encoded));
  }

  private byte[] bytes(Path file, String name) throws IOException {
    long bytes = Files.size(file);
    if (bytes < 1 || bytes > limits.pictureBytesMax()) {
      throw TrimtabException.invalid(
          "picture '%s' has %d bytes, expected 1 to %d"
              .formatted(name, bytes, limits.pictureBytesMax()));
    }
    // As measured: a file that grows meanwhile does not fill the memory.
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes((int) Math.min(bytes, Integer.MAX_VALUE - 8));
    }
  }
}
