package io.trimtab.cli.local;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model a command opens in its own process, and how. */
public final class ModelOptions {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "Checkpoint folder, or a bundled model: dinghy-llava, dinghy-qwen (default: dinghy-llava).")
  @Nullable String model;

  @Mixin final ComputeOptions compute = new ComputeOptions();

  /** Whether the command line says any of them. */
  public boolean given() {
    return model != null || compute.given();
  }

  public LocalModel chosen() {
    return compute.of(model);
  }
}
