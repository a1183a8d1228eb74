package io.trimtab.model.graph;

import io.trimtab.model.Checkpoint;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.ModelConfig.LlavaFamily;
import io.trimtab.model.ModelConfig.Qwen25Vl;
import io.trimtab.model.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The three ONNX files of one checkpoint at one precision, as a folder: {@code vision_tower.onnx},
 * {@code projector.onnx} and {@code language_model.onnx}, each with its weights beside it in {@code
 * .onnx.data}. Plain ONNX: any ONNX Runtime of 1.23 and later runs them.
 *
 * @param digest of the checkpoint they were written from
 */
public record ModelGraphs(Path folder, String digest, Precision precision) {
  /** Grows with every change of what is written; older folders are then left alone. */
  private static final int FORMAT = 2;

  private static final String VISION_TOWER = "vision_tower";
  private static final String PROJECTOR = "projector";
  private static final String LANGUAGE_MODEL = "language_model";

  public Path visionTower() {
    return folder.resolve(VISION_TOWER + ".onnx");
  }

  public Path projector() {
    return folder.resolve(PROJECTOR + ".onnx");
  }

  public Path languageModel() {
    return folder.resolve(LANGUAGE_MODEL + ".onnx");
  }

  /** Bytes of all weights. */
  public long weightBytes() {
    return dataBytes(visionTower()) + dataBytes(projector()) + languageModelBytes();
  }

  /** Bytes of the language model's weights. */
  public long languageModelBytes() {
    return dataBytes(languageModel());
  }

  private static long dataBytes(Path graph) {
    return graph.resolveSibling(graph.getFileName() + ".data").toFile().length();
  }

  /**
   * The graphs of a checkpoint in the cache, written first where they are not there yet. Written
   * aside and renamed: a folder in the cache is whole, whoever is killed when.
   *
   * @param cache folder of all imported graphs
   */
  public static ModelGraphs imported(
      Checkpoint checkpoint,
      String digest,
      Precision precision,
      Path cache,
      WriteProgress progress) {
    String name = "%s-%s-v%d".formatted(digest.substring(0, 16), precision.wireName(), FORMAT);
    Path folder = cache.resolve(name);
    if (!Files.isDirectory(folder)) {
      try {
        write(checkpoint, precision, cache, folder, progress);
      } catch (IOException e) {
        throw new UncheckedIOException("The graphs could not be written to " + folder, e);
      }
    }
    return new ModelGraphs(folder, digest, precision);
  }

  private static void write(
      Checkpoint checkpoint, Precision precision, Path cache, Path folder, WriteProgress progress)
      throws IOException {
    Files.createDirectories(cache);
    Path aside = Files.createTempDirectory(cache, ".import-");
    try {
      writeAll(checkpoint.config(), checkpoint.weights(), precision, aside, progress);
      moveInPlace(aside, folder);
    } finally {
      deleteFolder(aside);
    }
  }

  private static void writeAll(
      ModelConfig config, Weights weights, Precision precision, Path folder, WriteProgress progress)
      throws IOException {
    OnnxGraph vision =
        switch (config) {
          case LlavaFamily llava -> TileTowerGraph.write(llava, weights, vision(precision));
          case Qwen25Vl qwen -> QwenVisionGraph.write(qwen.vision(), weights, vision(precision));
        };
    OnnxGraph projector = ProjectorGraph.write(config, weights, vision(precision));
    OnnxGraph language = LanguageModelGraph.write(config, weights, precision);
    long total = vision.weightBytes() + projector.weightBytes() + language.weightBytes();
    long done = 0;
    vision.save(folder, VISION_TOWER, within(progress, done, total));
    done += vision.weightBytes();
    projector.save(folder, PROJECTOR, within(progress, done, total));
    done += projector.weightBytes();
    language.save(folder, LANGUAGE_MODEL, within(progress, done, total));
  }

  /** Vision weights are few and every token depends on them: never fewer than 8 bits. */
  private static Precision vision(Precision precision) {
    return precision == Precision.INT4 ? Precision.INT8 : precision;
  }

  private static WriteProgress within(WriteProgress progress, long done, long total) {
    return (bytes, ofGraph) -> progress.written(done + bytes, total);
  }

  /** Whoever comes second finds the folder there and is content with it. */
  private static void moveInPlace(Path aside, Path folder) throws IOException {
    try {
      Files.move(aside, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException("The cache's file system can't rename a folder: " + folder, e);
    } catch (FileSystemException e) {
      // "Directory not empty" has no exception of its own in an atomic move.
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }

  private static void deleteFolder(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
