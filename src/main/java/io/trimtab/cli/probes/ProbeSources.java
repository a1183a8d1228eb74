package io.trimtab.cli.probes;

import io.trimtab.adaptation.probes.ProbeLimits;
import io.trimtab.cli.ask.Chat;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Picture;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What an operator has for probes: pictures and questions, each of which is asked of every picture.
 *
 * @param pictures by file name, in the order of names; each of its contents once
 * @param questions each once, in order
 */
record ProbeSources(Map<String, Picture> pictures, List<String> questions) {
  static final String QUESTIONS = "questions.txt";

  /** Short to answer, since long answers are seldom the same twice. */
  private static final List<String> GENERAL =
      List.of(
          "Describe the image in a few words.",
          "What is the main object in the image? Answer with one or two words.",
          "What is the main color of the image? Answer with one word.",
          "How many objects are in the image? Answer with a number.",
          "Is there any text in the image? Answer yes or no.");

  private static final Pattern PICTURE =
      Pattern.compile("[^.].*\\.(png|jpe?g|webp|gif|bmp)", Pattern.CASE_INSENSITIVE);

  /**
   * What lies in a folder, not below it.
   *
   * @throws TrimtabException INVALID_ARGUMENT when there is no picture or no question, or too many
   */
  static ProbeSources of(Path folder, ProbeLimits limits) throws IOException {
    ProbeSources sources = new ProbeSources(pictures(folder, limits), questions(folder));
    long asked = (long) sources.pictures.size() * sources.questions.size();
    if (asked > limits.questionsMax()) {
      throw TrimtabException.invalid(
          "%d questions of each of %d pictures are %d, expected %d at most"
              .formatted(
                  sources.questions.size(), sources.pictures.size(), asked, limits.questionsMax()));
    }
    return sources;
  }

  private static Map<String, Picture> pictures(Path folder, ProbeLimits limits) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw TrimtabException.invalid("Expected a folder of pictures, got %s".formatted(folder));
    }
    Map<String, Picture> pictures = new LinkedHashMap<>();
    Set<Picture> seen = new HashSet<>();
    long bytes = 0;
    for (String name : names(folder)) {
      long size = Files.size(folder.resolve(name));
      bytes += size;
      if (size > limits.pictureBytesMax() || bytes > limits.bytesMax()) {
        throw TrimtabException.invalid(
            "Picture %s has %d bytes, and all up to it %d: expected %d and %d at most"
                .formatted(name, size, bytes, limits.pictureBytesMax(), limits.bytesMax()));
      }
      Picture picture = Chat.picture(folder.resolve(name));
      if (seen.add(picture)) {
        pictures.put(name, picture);
      }
    }
    if (pictures.isEmpty()) {
      throw TrimtabException.invalid(
          "There is no PNG, JPEG, WebP, GIF or BMP file in %s".formatted(folder));
    }
    return pictures;
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .filter(name -> PICTURE.matcher(name).matches())
          .sorted()
          .toList();
    }
  }

  private static List<String> questions(Path folder) throws IOException {
    Path file = folder.resolve(QUESTIONS);
    if (!Files.exists(file)) {
      return GENERAL;
    }
    try {
      List<String> questions =
          Files.readString(file)
              .lines()
              .map(String::strip)
              .filter(line -> !line.isEmpty())
              .distinct()
              .toList();
      if (questions.isEmpty()) {
        throw TrimtabException.invalid("%s has no question, expected one a line".formatted(file));
      }
      return questions;
    } catch (CharacterCodingException e) {
      throw TrimtabException.invalid("%s is not text in UTF-8".formatted(file));
    }
  }

  /** A question's task, readable where its letters are Latin: the gate counts by it. */
  String task(String question) {
    String words =
        question.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    String number = "q%d".formatted(questions.indexOf(question) + 1);
    return words.isEmpty()
        ? number
        : number + "-" + words.substring(0, Math.min(32, words.length()));
  }
}
