package io.trimtab.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An image's instructions, with continued lines joined and comments left out. */
record Dockerfile(List<String> instructions) {
  private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"");

  /**
   * A COPY.
   *
   * @param stage that it copies from; empty: from the sources
   */
  record Copy(String stage, List<String> sources, String target) {}

  static Dockerfile of(String overlay) {
    String text = ProgramFacts.read(Overlay.folder(overlay).resolve("Dockerfile"));
    String joined = text.replaceAll("(?m)^#.*\\R", "").replaceAll("\\\\\\R\\s*", "");
    return new Dockerfile(joined.lines().filter(line -> !line.isBlank()).toList());
  }

  List<String> all(String instruction) {
    return instructions.stream()
        .filter(line -> line.startsWith(instruction + " "))
        .map(line -> line.substring(instruction.length() + 1))
        .toList();
  }

  String last(String instruction) {
    return all(instruction).getLast();
  }

  /** An instruction's value that is written as a list. */
  List<String> list(String instruction) {
    return QUOTED.matcher(last(instruction)).results().map(match -> match.group(1)).toList();
  }

  List<String> stages() {
    return all("FROM").stream()
        .filter(from -> from.contains(" AS "))
        .map(from -> from.substring(from.indexOf(" AS ") + " AS ".length()))
        .toList();
  }

  List<Copy> copies() {
    List<Copy> copies = new ArrayList<>();
    for (String copy : all("COPY")) {
      List<String> words = new ArrayList<>(List.of(copy.split(" +")));
      String stage = "";
      Matcher from = Pattern.compile("--from=(.*)").matcher(words.getFirst());
      if (from.matches()) {
        stage = from.group(1);
        words.removeFirst();
      }
      String target = words.removeLast();
      copies.add(new Copy(stage, List.copyOf(words), target));
    }
    return copies;
  }

  /** Of the last stage; what is set there in pairs. */
  Map<String, String> environment() {
    Map<String, String> environment = new TreeMap<>();
    for (String line : all("ENV")) {
      for (String pair : line.trim().split(" +")) {
        int equals = pair.indexOf('=');
        environment.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    return environment;
  }
}
