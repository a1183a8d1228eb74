package io.trimtab.cli.local;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a model is computed and where its graphs are kept: of every command that opens one. */
public final class ComputeOptions {
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
      description =
          "Folder of all that is kept: unpacked models, graphs, adapters (default: trimtab in the"
              + " user's data folder, such as ~/.local/share/trimtab).")
  @Nullable Path data;

  /** Whether the command line says any of them. */
  boolean given() {
    return precision != null || device != null || data != null;
  }

  public LocalModel of(@Nullable String model) {
    return new LocalModel(model, precision, device, data);
  }
}
