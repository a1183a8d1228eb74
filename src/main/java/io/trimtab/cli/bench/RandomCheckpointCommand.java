package io.trimtab.cli.bench;

import io.trimtab.model.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab bench checkpoint}: a checkpoint of a real model's size with random weights. */
@Command(
    name = "checkpoint",
    description = {
      "Writes a LLaVA-OneVision checkpoint with random weights, to measure what a model of that size"
          + " costs where its weights are not at hand.",
      "The default has the language model of llava-onevision-qwen2-0.5b: 24 layers, hidden 896,"
          + " vocabulary 151936. The vision tower is the bundled model's small one.",
    },
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab bench checkpoint DIR",
      "  trimtab bench checkpoint DIR --layers 4",
    },
    sortOptions = false)
final class RandomCheckpointCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Folder to write; made when missing.")
  private Path folder;

  @Option(names = "--layers", description = "Decoder layers (default: ${DEFAULT-VALUE}).")
  private int layers = 24;

  @Option(names = "--seed", description = "Of the weights (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() throws IOException {
    long bytes = RandomCheckpoint.write(folder, layers, seed);
    spec.commandLine()
        .getErr()
        .printf(Locale.ROOT, "%s: %.1f MB of weights%n", folder, bytes / 1e6);
    return 0;
  }
}
