package io.trimtab.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of commands that open a model in their own process. */
final class ModelOptions {
  @Option(
      names = "--precision",
      paramLabel = "P",
      description = "auto, fp32, int8, int4, bf16 or fp16 (default: auto).")
  @Nullable String precision;

  @Option(
      names = "--device",
      paramLabel = "D",
      description = "auto, cpu or cuda:N (default: auto).")
  @Nullable String device;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder of imported graphs and unpacked models.")
  @Nullable Path data;

  /** Whether the command line says any of them. */
  boolean given() {
    return precision != null || device != null || data != null;
  }

  LocalModel of(@Nullable String model) {
    return new LocalModel(model, precision, device, data);
  }
}
