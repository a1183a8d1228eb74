package io.trimtab.study.lab;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.tuning.job.DiskSteps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** A PEFT folder beside another, with the same delta times a scale: its {@code lora_alpha} is. */
public final class ScaledDelta {
  private static final String CONFIG = "adapter_config.json";

  private ScaledDelta() {}

  /**
   * The scaled folder, made where it is not there.
   *
   * @param scale above 0
   */
  public static Path of(Path delta, float scale) throws IOException {
    Path whole = delta.resolveSibling("%s-times-%s".formatted(delta.getFileName(), scale));
    if (!Files.isDirectory(whole)) {
      Path part = DiskSteps.part(whole);
      DiskSteps.REAL.delete(part);
      Files.createDirectories(part);
      copy(delta, part);
      JsonMapper json = new JsonMapper();
      ObjectNode config = (ObjectNode) json.readTree(part.resolve(CONFIG).toFile());
      config.put("lora_alpha", config.path("lora_alpha").asDouble() * scale);
      Files.write(part.resolve(CONFIG), json.writeValueAsBytes(config));
      DiskSteps.REAL.publish(part, whole);
    }
    return whole;
  }

  /** Copies the files of a folder into another. */
  public static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      List<Path> all = files.toList();
      for (Path file : all) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
