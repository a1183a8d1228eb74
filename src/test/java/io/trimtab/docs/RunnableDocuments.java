package io.trimtab.docs;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What the documents have people do with a running server, for a test that has one. */
public final class RunnableDocuments {
  /** In the order in which one reads them. */
  public static final List<String> NAMES =
      List.of(
          "getting-started.md",
          "adapters-from-peft.md",
          "feedback-from-your-application.md",
          "operating.md");

  /** They go on until they are interrupted, take minutes, or need a job that is there. */
  private static final Set<String> LONG =
      Set.of("adapters watch", "drift watch", "tune start", "tune watch", "tune cancel");

  private static final Pattern METRIC = Pattern.compile("`((?:vllm:|trimtab_)[a-z_]+)`");
  private static final Pattern LINE = Pattern.compile("A line of the file: `([^`]+)`");

  private RunnableDocuments() {}

  /** The words of each command that talks to a server and ends by itself, in order. */
  public static List<List<String>> remote(String document) {
    return ShellLine.of(file(document))
        .filter(line -> line.words().getFirst().equals("./trimtab"))
        .map(ShellLine::arguments)
        .filter(RunnableDocuments::isRemote)
        .toList();
  }

  private static boolean isRemote(List<String> arguments) {
    return switch (arguments.getFirst()) {
      case "ask" -> arguments.contains("--server");
      case "adapters", "feedback", "tune", "drift" ->
          !LONG.contains(String.join(" ", arguments.subList(0, 2)));
      default -> false;
    };
  }

  /**
   * What curl is shown to ask for.
   *
   * @param body sent as JSON; empty for a GET
   */
  public record Fetch(String path, String body) {
    private static Fetch of(ShellLine line) {
      List<String> words = line.words();
      String url =
          words.stream().filter(word -> word.startsWith("http://")).findFirst().orElseThrow();
      int data = words.indexOf("-d");
      return new Fetch(URI.create(url).getPath(), data < 0 ? "" : words.get(data + 1));
    }
  }

  /** All of them. */
  public static List<Fetch> fetched() {
    return ShellLine.all().stream()
        .filter(line -> line.words().getFirst().equals("curl"))
        .map(Fetch::of)
        .distinct()
        .toList();
  }

  /** Names of metrics, as Prometheus has them. */
  public static List<String> metrics() {
    return METRIC
        .matcher(file("operating.md").text())
        .results()
        .map(match -> match.group(1))
        .distinct()
        .toList();
  }

  /** The line of a file of corrections that is shown. */
  public static String correctionsLine() {
    return LINE.matcher(file("feedback-from-your-application.md").text())
        .results()
        .findFirst()
        .orElseThrow()
        .group(1);
  }

  private static MarkdownFile file(String document) {
    return MarkdownFile.read(Path.of("docs", document));
  }
}
