package io.trimtab.adaptation.probes;

import io.trimtab.error.TrimtabException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A line of {@code probes.jsonl}.
 *
 * @param task what the question is one of, such as {@code color}; not blank
 * @param picture its file, relative to the folder and inside it, {@code /} between names
 * @param question not blank
 * @param answer the right one, not blank; empty where agreement with base is the standard
 * @param use empty for that which the picture's contents decide
 */
public record ProbeLine(
    String task, String picture, String question, Optional<String> answer, Optional<ProbeUse> use) {
  public ProbeLine {
    requireText("task", task);
    requireText("question", question);
    answer.ifPresent(text -> requireText("answer", text));
    requireInside(picture);
  }

  private static void requireText(String field, String text) {
    if (text.isBlank()) {
      throw TrimtabException.invalid("%s is blank, expected text".formatted(field));
    }
  }

  private static void requireInside(String picture) {
    if (!isInside(picture)) {
      throw TrimtabException.invalid(
          "picture is '%s', expected a file's name relative to the folder and inside it"
              .formatted(picture));
    }
  }

  private static boolean isInside(String picture) {
    try {
      Path path = Path.of(picture);
      return !picture.isBlank()
          && !path.isAbsolute()
          && path.equals(path.normalize())
          && !path.startsWith("..");
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
