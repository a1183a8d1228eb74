package io.trimtab.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Configuration and weights of a reference checkpoint, to be changed and written elsewhere. */
public record CheckpointCopy(ObjectNode config, TensorFile weights) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static CheckpointCopy llavaOnevision() {
    return of("llava-onevision");
  }

  public static CheckpointCopy qwen25Vl() {
    return of("qwen2_5-vl");
  }

  public static CheckpointCopy llavaNext() {
    return of("llava-next");
  }

  public static CheckpointCopy llava15() {
    return of("llava-1.5");
  }

  private static CheckpointCopy of(String name) {
    Path folder = Shared.path("reference/" + name);
    try {
      return new CheckpointCopy(
          (ObjectNode) JSON.readTree(folder.resolve("config.json").toFile()),
          TensorFile.read(folder.resolve("model.safetensors")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public CheckpointCopy withConfig(Consumer<ObjectNode> change) {
    ObjectNode changed = config.deepCopy();
    change.accept(changed);
    return new CheckpointCopy(changed, weights);
  }

  public CheckpointCopy withWeights(UnaryOperator<TensorFile> change) {
    return new CheckpointCopy(config, change.apply(weights));
  }

  /** Writes config.json and model.safetensors; returns the folder. */
  public Path write(Path folder) {
    writeConfig(folder);
    weights.write(folder.resolve("model.safetensors"));
    return folder;
  }

  /** Writes config.json, {@code count} shards and their index; returns the folder. */
  public Path writeSharded(Path folder, int count) {
    writeConfig(folder);
    ObjectNode index = JSON.createObjectNode();
    ObjectNode weightMap = index.putObject("weight_map");
    List<String> names = new ArrayList<>(weights.tensors().keySet());
    for (int i = 0; i < names.size(); i++) {
      weightMap.put(names.get(i), shardName(i % count, count));
    }
    for (int shard = 0; shard < count; shard++) {
      String file = shardName(shard, count);
      weights.only(name -> weightMap.path(name).asText().equals(file)).write(folder.resolve(file));
    }
    write(folder.resolve("model.safetensors.index.json"), index);
    return folder;
  }

  /** The name that transformers gives shard {@code index}, counted from 0. */
  public static String shardName(int index, int count) {
    return "model-%05d-of-%05d.safetensors".formatted(index + 1, count);
  }

  private void writeConfig(Path folder) {
    write(folder.resolve("config.json"), config);
  }

  private static void write(Path file, ObjectNode json) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, json.toPrettyString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
