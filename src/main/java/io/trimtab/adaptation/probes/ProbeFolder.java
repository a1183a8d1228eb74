package io.trimtab.adaptation.probes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.store.LineName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder of probes: {@value #LINES}, one JSON object a line with {@code task}, {@code picture},
 * {@code question} and, where they are known, {@code answer} and {@code use}, and the pictures
 * beside it. Read whole; pictures are not decoded here.
 */
public final class ProbeFolder {
  public static final String LINES = "probes.jsonl";

  private static final int LINES_MAX = 100_000;
  private static final long PICTURE_BYTES_MAX = 20L << 20;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private final Path folder;
  private final Map<String, Picture> pictures = new HashMap<>();
  private final Map<String, String> uses = new HashMap<>();
  private final Set<String> ids = new HashSet<>();
  private final List<Probe> probes = new ArrayList<>();
  private final List<Probe> rehearsal = new ArrayList<>();

  private ProbeFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Reads a folder.
   *
   * @throws TrimtabException INVALID_ARGUMENT for one that is not sound, with the line
   */
  public static ProbeSet read(Path folder) throws IOException {
    Path file = folder.resolve(LINES);
    if (!Files.isRegularFile(file)) {
      throw TrimtabException.invalid("%s has no %s".formatted(folder, LINES));
    }
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    if (lines.size() > LINES_MAX) {
      throw TrimtabException.invalid(
          "%s has %d lines, expected at most %d".formatted(LINES, lines.size(), LINES_MAX));
    }
    ProbeFolder reading = new ProbeFolder(folder);
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        reading.add("%s line %d".formatted(LINES, i + 1), lines.get(i));
      }
    }
    if (reading.ids.isEmpty()) {
      throw TrimtabException.invalid("%s is empty, expected a line or more".formatted(LINES));
    }
    return new ProbeSet(reading.probes, reading.rehearsal);
  }

  private void add(String place, String text) throws IOException {
    ProbeLine line;
    try {
      line = JSON.readValue(text, ProbeLine.class);
    } catch (JsonProcessingException e) {
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT,
          "%s is no probe, expected an object of task, picture, question, answer and use: %s"
              .formatted(place, Quoted.of(e.getOriginalMessage())),
          e);
    }
    require(place, "task", line.task());
    require(place, "picture", line.picture());
    require(place, "question", line.question());
    Picture picture = picture(place, line.picture());
    String use = use(place, line.use(), picture);
    String before = uses.putIfAbsent(picture.sha256(), use);
    if (before != null && !before.equals(use)) {
      throw TrimtabException.invalid(
          "%s has the picture %s for %s, another line has it for %s: expected one use of a picture"
              .formatted(place, Quoted.of(line.picture()), use, before));
    }
    Probe probe =
        new Probe(
            LineName.of("probes", picture.sha256(), line.question()).digest(),
            line.task(),
            List.of(
                new ChatMessage(
                    Role.USER, List.of(new PicturePart(picture), new TextPart(line.question())))),
            Optional.ofNullable(line.answer()));
    if (!ids.add(probe.id())) {
      throw TrimtabException.invalid(
          "%s asks %s of %s a second time"
              .formatted(place, Quoted.of(line.question()), Quoted.of(line.picture())));
    }
    (use.equals(ProbeLine.PROBE) ? probes : rehearsal).add(probe);
  }

  private static void require(String place, String field, @Nullable String value) {
    if (value == null || value.isBlank()) {
      throw TrimtabException.invalid("%s has no %s".formatted(place, field));
    }
  }

  /** Without a word, half of the pictures are for each. */
  private static String use(String place, @Nullable String said, Picture picture) {
    if (said == null) {
      return Character.digit(picture.sha256().charAt(0), 16) < 8
          ? ProbeLine.PROBE
          : ProbeLine.REHEARSAL;
    }
    if (!said.equals(ProbeLine.PROBE) && !said.equals(ProbeLine.REHEARSAL)) {
      throw TrimtabException.invalid(
          "%s has the use %s, expected probe or rehearsal".formatted(place, Quoted.of(said)));
    }
    return said;
  }

  private Picture picture(String place, String name) throws IOException {
    Picture known = pictures.get(name);
    if (known != null) {
      return known;
    }
    // Nothing but a name: no path leads out of the folder.
    if (name.contains("/") || name.contains("\\") || name.startsWith(".")) {
      throw TrimtabException.invalid(
          "%s has the picture %s, expected the name of a file in the folder"
              .formatted(place, Quoted.of(name)));
    }
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw TrimtabException.invalid(
          "%s has the picture %s, which is no file in the folder"
              .formatted(place, Quoted.of(name)));
    }
    if (Files.size(file) > PICTURE_BYTES_MAX) {
      throw TrimtabException.invalid(
          "%s has a picture of %d bytes, expected at most %d"
              .formatted(place, Files.size(file), PICTURE_BYTES_MAX));
    }
    Picture picture = Picture.of(Files.readAllBytes(file));
    pictures.put(name, picture);
    return picture;
  }

  /** Writes the lines, whole or not at all; the pictures they name are in the folder already. */
  public static void write(Path folder, List<ProbeLine> lines) throws IOException {
    StringBuilder text = new StringBuilder();
    for (ProbeLine line : lines) {
      text.append(JSON.writeValueAsString(line)).append('\n');
    }
    Path aside = folder.resolve("." + LINES + ".part");
    Files.writeString(aside, text);
    Files.move(
        aside,
        folder.resolve(LINES),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
