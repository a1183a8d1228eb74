package io.trimtab.adapter.peft;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.adapter.RevisionSource;
import io.trimtab.model.RandomTensors;
import io.trimtab.model.TextConfig;
import io.trimtab.model.graph.Projection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A PEFT folder with random weights over the language model: what costs as much as a trained one
 * and can be made anywhere.
 */
public final class RandomAdapter {
  /** Small beside the weights: answers stay about what base's are. */
  private static final RandomTensors.Spread SPREAD = new RandomTensors.Spread(0, 0.01f);

  private RandomAdapter() {}

  /**
   * Writes both files, replacing what is there.
   *
   * @param targets reached in every layer
   */
  public static RevisionSource.PeftFiles write(
      TextConfig text, Path folder, int rank, Set<Projection> targets, long seed)
      throws IOException {
    Files.createDirectories(folder);
    Path config = folder.resolve("adapter_config.json");
    Path weights = folder.resolve("adapter_model.safetensors");
    Files.writeString(config, config(rank, targets).toPrettyString());
    RandomTensors.write(weights, shapes(text, rank, targets), _ -> SPREAD, seed);
    return new RevisionSource.PeftFiles(config, weights);
  }

  private static ObjectNode config(int rank, Set<Projection> targets) {
    String names = targets.stream().map(Projection::wireName).collect(Collectors.joining("|"));
    return new JsonMapper()
        .createObjectNode()
        .put("peft_type", "LORA")
        .put("r", rank)
        .put("lora_alpha", rank)
        .put("target_modules", ".*language_model.*\\.(%s)".formatted(names));
  }

  private static Map<String, long[]> shapes(TextConfig text, int rank, Set<Projection> targets) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (int layer = 0; layer < text.layers(); layer++) {
      for (Projection projection : Projection.ALL) {
        if (targets.contains(projection)) {
          String module =
              "base_model.model.model.language_model.layers.%d.%s"
                  .formatted(layer, projection.module());
          shapes.put(module + ".lora_A.weight", new long[] {rank, projection.inputs(text)});
          shapes.put(module + ".lora_B.weight", new long[] {projection.outputs(text), rank});
        }
      }
    }
    return shapes;
  }
}
