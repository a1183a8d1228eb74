package io.trimtab.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A Hugging Face model folder, opened: its configuration and its weights, which stay mapped until
 * this is closed. Safe for use by many threads.
 */
public final class Checkpoint implements AutoCloseable {
  private final Path folder;
  private final ModelConfig config;
  private final Weights weights;
  private final Arena arena;

  private Checkpoint(Path folder, ModelConfig config, Weights weights, Arena arena) {
    this.folder = folder;
    this.config = config;
    this.weights = weights;
    this.arena = arena;
  }

  /**
   * Opens a folder.
   *
   * @throws TrimtabException INVALID_ARGUMENT for a folder that is not a checkpoint of a served
   *     family
   */
  @SuppressWarnings("MustBeClosedChecker") // The arena belongs to the checkpoint that is returned.
  public static Checkpoint open(Path folder) {
    ModelConfig config = configOf(folder);
    Arena arena = Arena.ofShared();
    try {
      Weights weights = Weights.map(folder, config.family(), arena);
      return new Checkpoint(folder, config, weights, arena);
    } catch (IOException e) {
      arena.close();
      throw TrimtabException.invalid("The weights in %s can't be read: %s".formatted(folder, e));
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /**
   * The configuration alone, no weights opened.
   *
   * @throws TrimtabException INVALID_ARGUMENT for a folder without the config.json of a served
   *     family
   */
  public static ModelConfig configOf(Path folder) {
    return ConfigReader.read(readConfig(folder));
  }

  private static JsonNode readConfig(Path folder) {
    Path file = folder.resolve("config.json");
    if (!Files.isRegularFile(file)) {
      throw TrimtabException.invalid("Expected a model folder with a config.json, got " + folder);
    }
    return CheckpointJson.read(file);
  }

  public Path folder() {
    return folder;
  }

  /** The folder's own name: what the model is called where nothing else names it. */
  public String name() {
    return folder.toAbsolutePath().normalize().getFileName().toString();
  }

  public ModelConfig config() {
    return config;
  }

  public Weights weights() {
    return weights;
  }

  /**
   * sha-256 over configuration and weights, 64 hex digits; see {@link CheckpointDigest}.
   *
   * @param cache folder that remembers the digests of folders that have not changed since
   */
  public String digest(Path cache) {
    return DigestMemory.in(cache).digestOf(folder, () -> CheckpointDigest.of(config, weights));
  }

  /** Unmaps the weights; every tensor taken from them fails from then on. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
