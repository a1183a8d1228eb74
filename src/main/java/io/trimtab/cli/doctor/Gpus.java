package io.trimtab.cli.doctor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * NVIDIA's GPUs as the kernel driver lists them.
 *
 * @param models one for each GPU
 */
public record Gpus(List<String> models) {
  private static final Path DRIVER = Path.of("/proc/driver/nvidia/gpus");

  public Gpus {
    models = List.copyOf(models);
  }

  /** Those of this machine, or of this container. */
  public static Gpus here() {
    return in(DRIVER);
  }

  static Gpus in(Path driver) {
    List<String> models = new ArrayList<>();
    try (Stream<Path> gpus = Files.list(driver)) {
      for (Path gpu : gpus.sorted().toList()) {
        models.add(model(gpu.resolve("information")));
      }
    } catch (IOException | UncheckedIOException e) {
      // No driver, no GPU.
    }
    return new Gpus(models);
  }

  private static String model(Path information) throws IOException {
    for (String line : Files.readAllLines(information)) {
      if (line.startsWith("Model:")) {
        return line.substring("Model:".length()).strip();
      }
    }
    return "a GPU";
  }
}
