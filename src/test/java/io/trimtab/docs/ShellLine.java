package io.trimtab.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A command of a document's shell blocks, split into words as a shell would.
 *
 * @param words the program first; variables set before it are left out
 */
record ShellLine(String document, String text, List<String> words) {
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|([^\\s\"']+)");

  /** Everything after a hash that begins a word. */
  private static final Pattern REMARK = Pattern.compile("(^|\\s)#.*$");

  static Stream<ShellLine> of(MarkdownFile file) {
    return file.blocks().stream()
        .filter(block -> block.language().equals("sh"))
        .flatMap(block -> block.code().replace("\\\n", " ").lines())
        .map(line -> REMARK.matcher(line).replaceFirst("").strip())
        .filter(line -> !line.isEmpty())
        .map(line -> new ShellLine(file.toString(), line, words(line)));
  }

  static List<ShellLine> all() {
    return MarkdownFile.all().stream().flatMap(ShellLine::of).toList();
  }

  /** Those of Trimtab's own commands that the program, and not its launcher, carries out. */
  static List<ShellLine> ofTrimtab() {
    return all().stream()
        .filter(line -> line.words().getFirst().equals("./trimtab"))
        .filter(line -> !line.arguments().equals(List.of("test")))
        .toList();
  }

  List<String> arguments() {
    return words.subList(1, words.size());
  }

  @Override
  public String toString() {
    return "%s: %s".formatted(document, text);
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(line);
    while (matcher.find()) {
      String quoted = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
      String word = quoted != null ? quoted : matcher.group(3);
      boolean variable = words.isEmpty() && word.matches("[A-Z_]+=.*");
      if (!variable) {
        words.add(word);
      }
    }
    return words;
  }
}
