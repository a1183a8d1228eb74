package io.trimtab.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the program's own sources say of it. */
public final class ProgramFacts {
  static final Path LAUNCHER = Path.of("trimtab");

  private ProgramFacts() {}

  /** A property that Quarkus is given by the program. */
  static String property(String name) {
    Properties all = new Properties();
    try (var in = Files.newInputStream(Path.of("src/main/resources/application.properties"))) {
      all.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String value = all.getProperty(name);
    if (value == null) {
      throw new AssertionError("application.properties has no " + name);
    }
    return value;
  }

  /** The variables that the launcher's first lines list. */
  public static Set<String> launcherVariables() {
    Set<String> variables = new TreeSet<>();
    read(LAUNCHER)
        .lines()
        .takeWhile(line -> line.startsWith("#"))
        .map(Pattern.compile("^#   ([A-Z_]+) ")::matcher)
        .filter(Matcher::find)
        .forEach(match -> variables.add(match.group(1)));
    return variables;
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
