package io.trimtab.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/** Named figures as a benchmark prints them. */
final class BenchFigures {
  private BenchFigures() {}

  /** A line each, or all as one JSON object. */
  static void print(CommandSpec spec, boolean json, Map<String, Object> figures) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      try {
        out.println(new JsonMapper().writeValueAsString(figures));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("Figures could not be written as JSON", e);
      }
    } else {
      figures.forEach((name, value) -> out.printf(Locale.ROOT, "%-52s %s%n", name, value));
    }
    out.flush();
  }
}
