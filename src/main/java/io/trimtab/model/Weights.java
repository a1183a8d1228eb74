package io.trimtab.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.error.TrimtabException;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The weights of a checkpoint by canonical name ({@link WeightNames}), memory-mapped from one file
 * or from shards with their index. Safe for use by many threads until the arena that maps them is
 * closed.
 */
public final class Weights {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  /** What a weight may be kept in. Others, such as packed integers, mean a quantised checkpoint. */
  private static final Set<DType> FLOATS = EnumSet.of(DType.F32, DType.F16, DType.BF16);

  private final SortedMap<String, Tensor> tensors;

  private Weights(SortedMap<String, Tensor> tensors) {
    this.tensors = tensors;
  }

  static Weights map(Path folder, Family family, Arena arena) throws IOException {
    SortedMap<String, Tensor> tensors = new TreeMap<>();
    for (String shard : shards(folder)) {
      Map<String, Tensor> ofShard = Safetensors.map(folder.resolve(shard), arena);
      ofShard.forEach(
          (name, tensor) ->
              WeightNames.canonical(family, name)
                  .ifPresent(canonical -> put(tensors, canonical, tensor, shard)));
    }
    return new Weights(tensors);
  }

  private static void put(
      SortedMap<String, Tensor> tensors, String canonical, Tensor tensor, String shard) {
    if (tensors.put(canonical, tensor) != null) {
      throw TrimtabException.invalid(
          "The checkpoint holds the tensor %s twice, the second time in %s"
              .formatted(canonical, shard));
    }
  }

  private static Set<String> shards(Path folder) throws IOException {
    Set<String> present = fileNames(folder);
    // In transformers' order: a folder that was saved over may have old shards, too.
    if (present.contains(SINGLE)) {
      return Set.of(SINGLE);
    }
    if (present.contains(INDEX)) {
      return shards(CheckpointJson.read(folder.resolve(INDEX)), present);
    }
    throw TrimtabException.invalid(
        "Expected %s or %s in %s (pickled weights are not read)".formatted(SINGLE, INDEX, folder));
  }

  /** What the index names must be a file of the folder, so that no path is made of its text. */
  private static Set<String> shards(JsonNode index, Set<String> present) {
    Set<String> shards = new LinkedHashSet<>();
    for (JsonNode shard : index.path("weight_map")) {
      if (!present.contains(shard.asText())) {
        throw TrimtabException.invalid(
            "%s names the shard '%s', which is not in the folder".formatted(INDEX, shard.asText()));
      }
      shards.add(shard.asText());
    }
    if (shards.isEmpty()) {
      throw TrimtabException.invalid(INDEX + " names no shard in weight_map");
    }
    return shards;
  }

  private static Set<String> fileNames(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toSet());
    }
  }

  public boolean contains(String name) {
    return tensors.containsKey(name);
  }

  /**
   * The tensor of that canonical name and shape, in F32, F16 or BF16.
   *
   * @throws TrimtabException INVALID_ARGUMENT where the checkpoint lacks it, or has it in another
   *     shape or type
   */
  public Tensor get(String name, long... shape) {
    Tensor tensor = tensors.get(name);
    Shape expected = new Shape(shape);
    if (tensor == null) {
      throw TrimtabException.invalid(
          "The checkpoint lacks the tensor %s, expected with shape %s".formatted(name, expected));
    }
    if (!tensor.shape().equals(expected)) {
      throw TrimtabException.invalid(
          "The tensor %s has the shape %s, config.json asks for %s"
              .formatted(name, tensor.shape(), expected));
    }
    if (!FLOATS.contains(tensor.dtype())) {
      throw TrimtabException.invalid(
          "The tensor %s is %s, expected one of %s".formatted(name, tensor.dtype(), FLOATS));
    }
    return tensor;
  }

  /** All tensors in order of their canonical names. */
  public SortedMap<String, Tensor> all() {
    return Collections.unmodifiableSortedMap(tensors);
  }

  /** Number of parameters, all tensors together. */
  public long parameters() {
    return tensors.values().stream().mapToLong(tensor -> tensor.shape().elements()).sum();
  }

  /** Bytes on disk, all tensors together. */
  public long bytes() {
    return tensors.values().stream().mapToLong(tensor -> tensor.data().byteSize()).sum();
  }
}
