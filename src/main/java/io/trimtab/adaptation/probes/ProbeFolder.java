package io.trimtab.adaptation.probes;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Picture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A folder of pictures with {@code probes.jsonl}, a question a line: {@code task}, {@code picture}
 * (a file of the folder), {@code question}, and where given {@code answer} (without it, agreement
 * with base is the standard) and {@code use}, {@code probe} or {@code rehearsal} (without it, the
 * picture's contents decide). All questions about a picture have the same use.
 */
public final class ProbeFolder {
  /** The file that makes a folder one of probes. */
  public static final String FILE = "probes.jsonl";

  private ProbeFolder() {}

  /** Reads a folder within {@link ProbeLimits#defaults}. */
  public static ProbeSet read(Path folder) throws IOException {
    return read(folder, ProbeLimits.defaults());
  }

  /**
   * Reads a folder into memory; pictures are not decoded.
   *
   * @throws TrimtabException INVALID_ARGUMENT with the line and what was expected there
   */
  public static ProbeSet read(Path folder, ProbeLimits limits) throws IOException {
    return new ProbeReading(folder, limits).read();
  }

  /**
   * Writes pictures, then {@code probes.jsonl}, each aside and then renamed: a reader sees the
   * folder as it was or as it is to be. A picture that is there already is left alone.
   *
   * @param pictures those that the lines name, by name
   * @return what {@link #read} would
   * @throws TrimtabException INVALID_ARGUMENT for lines that contradict each other,
   *     FAILED_PRECONDITION for another picture of the same name; nothing is written then
   */
  public static ProbeSet write(Path folder, List<ProbeLine> lines, Map<String, Picture> pictures)
      throws IOException {
    if (lines.isEmpty()) {
      throw TrimtabException.invalid("There is no question to write, expected at least one");
    }
    ProbeSet set = ProbeSorting.of(lines, pictures);
    Map<String, Picture> missing = missing(folder, lines, pictures);
    Files.createDirectories(folder);
    for (Map.Entry<String, Picture> picture : missing.entrySet()) {
      Path file = folder.resolve(picture.getKey());
      Files.createDirectories(file.getParent());
      place(file, picture.getValue().encoded());
    }
    String text = lines.stream().map(ProbeJson::text).collect(Collectors.joining("\n", "", "\n"));
    place(folder.resolve(FILE), text.getBytes(StandardCharsets.UTF_8));
    return set;
  }

  private static Map<String, Picture> missing(
      Path folder, List<ProbeLine> lines, Map<String, Picture> pictures) throws IOException {
    Map<String, Picture> missing = new TreeMap<>();
    for (ProbeLine line : lines) {
      if (!missing.containsKey(line.picture())) {
        Path file = folder.resolve(line.picture());
        Picture picture = ProbeSorting.picture(line, pictures);
        if (!Files.exists(file)) {
          missing.put(line.picture(), picture);
        } else if (!Arrays.equals(Files.readAllBytes(file), picture.encoded())) {
          throw new TrimtabException(
              ErrorCode.FAILED_PRECONDITION,
              "%s is another picture: remove it, or write to another folder".formatted(file));
        }
      }
    }
    return missing;
  }

  private static void place(Path file, byte[] contents) throws IOException {
    Path aside = Files.createTempFile(file.getParent(), ".", ".part");
    try {
      Files.write(aside, contents);
      Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(aside);
    }
  }
}
