package io.trimtab.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A document: its fenced blocks, its headings, and its text without the blocks. */
public record MarkdownFile(Path path, String text) {
  private static final String FENCE = "```";
  private static final Pattern HEADING = Pattern.compile("#{1,6} (.*)");

  /**
   * A fenced block.
   *
   * @param language such as {@code sh}; empty for none
   */
  public record Block(String language, String code) {}

  public static MarkdownFile read(Path path) {
    try {
      return new MarkdownFile(path, Files.readString(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** README and all of docs/. */
  static List<MarkdownFile> all() {
    List<MarkdownFile> files = new ArrayList<>();
    files.add(read(Path.of("README.md")));
    try (Stream<Path> docs = Files.list(Path.of("docs"))) {
      docs.filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .forEach(file -> files.add(read(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  @Override
  public String toString() {
    return path.toString();
  }

  public List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    String language = "";
    List<String> code = new ArrayList<>();
    boolean inside = false;
    for (String line : text.lines().toList()) {
      if (line.startsWith(FENCE)) {
        if (inside) {
          blocks.add(new Block(language, String.join("\n", code) + "\n"));
        }
        inside = !inside;
        language = line.substring(FENCE.length()).strip();
        code = new ArrayList<>();
      } else if (inside) {
        code.add(line);
      }
    }
    if (inside) {
      throw new IllegalArgumentException("A block of %s has no end".formatted(path));
    }
    return blocks;
  }

  /** The one block of a language. */
  public String only(String language) {
    List<Block> found =
        blocks().stream().filter(block -> block.language().equals(language)).toList();
    if (found.size() != 1) {
      throw new IllegalArgumentException(
          "%s has %d blocks of %s, expected one".formatted(path, found.size(), language));
    }
    return found.getFirst().code();
  }

  /** All but the blocks. */
  String prose() {
    return text.replaceAll("(?ms)^```.*?^```$", "");
  }

  /** What links to this document can name, as GitHub makes it from headings. */
  Set<String> anchors() {
    Set<String> anchors = new TreeSet<>();
    prose()
        .lines()
        .map(HEADING::matcher)
        .filter(heading -> heading.matches())
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^a-z0-9 _-]", "").replace(' ', '-'))
        .forEach(
            anchor -> {
              if (!anchors.add(anchor)) {
                throw new IllegalArgumentException("%s has #%s twice".formatted(path, anchor));
              }
            });
    return anchors;
  }
}
