package io.trimtab.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.trimtab.cli.local.LocalModel;
import io.trimtab.cli.local.ModelOptions;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What every benchmark takes: the model, its threads, and how the figures are printed. */
final class BenchOptions {
  @Mixin private final ModelOptions model = new ModelOptions();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of ONNX Runtime (default: as the server).")
  private int threads;

  @Option(names = "--json", description = "Print one JSON object in place of the lines.")
  private boolean json;

  LocalModel model() {
    return model.chosen();
  }

  /** 0 for as many as the server would take. */
  int threads() {
    return threads;
  }

  /** Named figures, a line each, or all as one object. */
  void print(CommandSpec spec, Map<String, Object> figures) {
    print(
        spec,
        figures,
        () ->
            figures.entrySet().stream()
                .map(each -> String.format(Locale.ROOT, "%-52s %s", each.getKey(), each.getValue()))
                .toList());
  }

  /** A report as its lines, or as one object. */
  void print(CommandSpec spec, Object report, Supplier<List<String>> lines) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      try {
        out.println(new JsonMapper().writeValueAsString(report));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("A report could not be written as JSON", e);
      }
    } else {
      lines.get().forEach(out::println);
    }
    out.flush();
  }
}
