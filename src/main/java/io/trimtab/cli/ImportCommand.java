package io.trimtab.cli;

import io.trimtab.cli.local.ComputeOptions;
import io.trimtab.cli.local.LocalEngine;
import io.trimtab.cli.terminal.ByteProgress;
import io.trimtab.engine.api.ModelSelection;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.graph.ModelGraphs;
import io.trimtab.model.graph.Precision;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab import}: a checkpoint folder to ONNX graphs, ahead of the first use. */
@Command(
    name = "import",
    description = {
      "Writes a checkpoint's ONNX graphs to the data folder, where every other command finds them.",
      "Prints the folder: vision_tower.onnx, projector.onnx and language_model.onnx, for any ONNX"
          + " Runtime.",
    },
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab import DIR",
      "  trimtab import DIR --precision int8 --data /var/lib/trimtab",
    },
    sortOptions = false)
final class ImportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Checkpoint folder, or a bundled model.")
  private String model;

  @Mixin private final ComputeOptions options = new ComputeOptions();

  @Override
  public Integer call() {
    long start = System.nanoTime();
    ModelSelection selection = LocalEngine.selection(options.of(model));
    try (Checkpoint checkpoint = Checkpoint.open(selection.folder());
        ByteProgress progress = ByteProgress.writing("Importing")) {
      Precision precision =
          selection
              .precision()
              .orElseGet(() -> Precision.cpuDefault(checkpoint.weights().parameters()));
      ModelGraphs graphs =
          ModelGraphs.imported(
              checkpoint,
              checkpoint.digest(selection.data().resolve("digests")),
              precision,
              selection.data().resolve("graphs"),
              progress);
      report(checkpoint, graphs, System.nanoTime() - start);
    }
    return 0;
  }

  private void report(Checkpoint checkpoint, ModelGraphs graphs, long nanos) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(graphs.folder());
    PrintWriter err = spec.commandLine().getErr();
    err.printf(
        Locale.ROOT,
        "%s, %.1f M parameters, %s: %.1f MB in %.1f s%n",
        checkpoint.config().family().modelType(),
        checkpoint.weights().parameters() / 1e6,
        graphs.precision().wireName(),
        graphs.weightBytes() / 1e6,
        nanos / 1e9);
    out.flush();
    err.flush();
  }
}
