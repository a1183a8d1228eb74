package io.trimtab.model.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.Checkpoint;
import io.trimtab.ort.Device;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.ort.OrtSession;
import io.trimtab.ort.SessionOptions;
import io.trimtab.tensor.DType;
import io.trimtab.testing.CheckpointCopy;
import io.trimtab.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelGraphsTest {
  private static final String DIGEST = "0123456789abcdef".repeat(4);
  private static final CheckpointCopy LLAVA = CheckpointCopy.llavaOnevision();
  private static final CheckpointCopy QWEN = CheckpointCopy.qwen25Vl();

  @TempDir Path folder;
  private Path cache;

  @BeforeEach
  void nameCache() {
    cache = folder.resolve("cache");
  }

  private ModelGraphs imported(Path model, Precision precision) {
    return imported(model, precision, WriteProgress.silent());
  }

  private ModelGraphs imported(Path model, Precision precision, WriteProgress progress) {
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      return ModelGraphs.imported(checkpoint, DIGEST, precision, cache, progress);
    }
  }

  private static Map<String, Object> times(Path folder) throws IOException {
    Map<String, Object> times = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        times.put(folder.relativize(file).toString(), Files.getLastModifiedTime(file));
      }
    }
    return times;
  }

  @Test
  void graphsAreWrittenOnceAndFoundAgain() throws IOException {
    Path model = Shared.path("reference/qwen2_5-vl");
    ModelGraphs first = imported(model, Precision.FP32);
    Map<String, Object> before = times(cache);
    ModelGraphs second = imported(model, Precision.FP32);

    assertThat(second).isEqualTo(first);
    assertThat(times(cache)).isEqualTo(before);
    String name = "0123456789abcdef-fp32-v2";
    assertThat(before.keySet())
        .containsExactly(
            "",
            name,
            name + "/language_model.onnx",
            name + "/language_model.onnx.data",
            name + "/projector.onnx",
            name + "/projector.onnx.data",
            name + "/vision_tower.onnx",
            name + "/vision_tower.onnx.data");
  }

  @Test
  void everyPrecisionHasAFolderOfItsOwn() {
    Path model = Shared.path("reference/llava-onevision");
    ModelGraphs fp32 = imported(model, Precision.FP32);
    ModelGraphs int8 = imported(model, Precision.INT8);
    ModelGraphs int4 = imported(model, Precision.INT4);
    assertThat(fp32.folder()).exists().isNotEqualTo(int8.folder());
    assertThat(int8.weightBytes()).isBetween(1L, fp32.weightBytes() * 2 / 5);
    assertThat(int4.weightBytes()).isBetween(1L, int8.weightBytes() * 3 / 4);
    // At 4 bits the vision tower and the projector are those of 8 bits.
    assertThat(int4.visionTower()).hasSameBinaryContentAs(int8.visionTower());
  }

  @Test
  void theSameWeightsGiveTheSameBytesHoweverTheyWereKept() {
    ModelGraphs single = imported(Shared.path("reference/llava-onevision"), Precision.INT8);
    cache = folder.resolve("other");
    Path other =
        LLAVA.withWeights(weights -> weights.as(DType.F32)).writeSharded(folder.resolve("m"), 2);
    ModelGraphs sharded = imported(other, Precision.INT8);
    for (Path graph : List.of(single.visionTower(), single.projector(), single.languageModel())) {
      Path data = Path.of(graph + ".data");
      assertThat(sharded.folder().resolve(graph.getFileName())).hasSameBinaryContentAs(graph);
      assertThat(sharded.folder().resolve(data.getFileName())).hasSameBinaryContentAs(data);
    }
  }

  @Test
  void whoeverComesSecondIsContentWithTheFirstOnesFolder() throws Exception {
    Path model = Shared.path("reference/qwen2_5-vl");
    CyclicBarrier bothHaveBegun = new CyclicBarrier(2);
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<ModelGraphs>> both = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        both.add(threads.submit(() -> imported(model, Precision.FP32, meeting(bothHaveBegun))));
      }
      assertThat(both.getFirst().get()).isEqualTo(both.getLast().get());
    }
    try (Stream<Path> folders = Files.list(cache)) {
      assertThat(folders).hasSize(1);
    }
    assertThat(imported(model, Precision.FP32).weightBytes()).isPositive();
  }

  /** Waits for the other at the first weight: by then both have found no folder. */
  private static WriteProgress meeting(CyclicBarrier barrier) {
    List<Long> calls = new ArrayList<>();
    return (bytes, total) -> {
      calls.add(bytes);
      if (calls.size() == 1) {
        try {
          barrier.await();
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
    };
  }

  @Test
  void progressGrowsToTheTotal() {
    List<Long> heard = new ArrayList<>();
    List<Long> totals = new ArrayList<>();
    imported(
        Shared.path("reference/llava-onevision"),
        Precision.INT8,
        (bytes, total) -> {
          heard.add(bytes);
          totals.add(total);
        });
    assertThat(heard).isSorted().doesNotHaveDuplicates();
    assertThat(totals).containsOnly(heard.getLast());
  }

  @Test
  void whatAKilledImportLeftDoesNoHarm() throws IOException {
    Path left = Files.createDirectories(cache.resolve(".import-123"));
    Files.writeString(left.resolve("vision_tower.onnx.data"), "half");
    ModelGraphs graphs = imported(Shared.path("reference/qwen2_5-vl"), Precision.FP32);
    assertThat(graphs.languageModel()).exists();
  }

  @Test
  void anImportThatFailsWhileItWritesLeavesNothing() {
    Path model = Shared.path("reference/qwen2_5-vl");
    assertThatThrownBy(
            () ->
                imported(
                    model,
                    Precision.FP32,
                    (bytes, total) -> {
                      if (bytes > total / 2) {
                        throw new IllegalStateException("cancelled");
                      }
                    }))
        .hasMessage("cancelled");
    assertThat(cache).isEmptyDirectory();
  }

  private void assertRefused(CheckpointCopy checkpoint, String message) {
    Path model = checkpoint.write(folder.resolve("model"));
    assertThatThrownBy(() -> imported(model, Precision.FP32))
        .isInstanceOf(TrimtabException.class)
        .hasMessage(message);
    assertThat(cache).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model.norm.weight | language_model.norm.weight | [96]",
        "lm_head.weight | lm_head.weight | [782, 96]",
        "model.layers.2.mlp.down_proj.weight | language_model.layers.2.mlp.down_proj.weight | [96, 160]",
        "visual.merger.mlp.2.bias | projector.mlp.2.bias | [96]",
        "visual.blocks.1.attn.qkv.weight | vision_tower.blocks.1.attn.qkv.weight | [192, 64]"
      })
  void aMissingTensorIsNamedAndNothingIsLeft(String onDisk, String canonical, String shape) {
    assertRefused(
        QWEN.withWeights(weights -> weights.without(onDisk)),
        "The checkpoint lacks the tensor %s, expected with shape %s".formatted(canonical, shape));
  }

  @Test
  void aTensorOfAnotherShapeIsNamedAndNothingIsLeft() {
    assertRefused(
        LLAVA.withWeights(
            weights ->
                weights.with(
                    "multi_modal_projector.linear_2.weight",
                    DType.F32,
                    new long[] {96, 95},
                    new byte[96 * 95 * 4])),
        "The tensor projector.linear_2.weight has the shape [96, 95], config.json asks for"
            + " [96, 96]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "vision_feature_layer | 3 | config.json has the vision_feature_layer 3, the tower has 2 layers",
        "vision_feature_layer | -4 | config.json has the vision_feature_layer -4, the tower has 2 layers",
        "projector_hidden_act | relu | config.json has the activation 'relu', expected gelu, gelu_pytorch_tanh, quick_gelu or silu"
      })
  void whatTheTowerIsNotBuiltForIsRefused(String field, String value, String message) {
    assertRefused(
        LLAVA.withConfig(
            config -> {
              if (value.matches("-?[0-9]+")) {
                config.put(field, Integer.parseInt(value));
              } else {
                config.put(field, value);
              }
            }),
        message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"FP32", "INT8", "INT4"})
  void graphsOfEveryFamilyLoad(Precision precision) throws IOException {
    SessionOptions options = SessionOptions.on(Device.cpu(), 1);
    try (OrtEnvironment environment = OrtEnvironment.open()) {
      for (String family : List.of("llava-onevision", "qwen2_5-vl", "llava-next", "llava-1.5")) {
        cache = folder.resolve(family);
        ModelGraphs graphs = imported(Shared.path("reference/" + family), precision);
        for (Path graph :
            List.of(graphs.visionTower(), graphs.projector(), graphs.languageModel())) {
          try (OrtSession session = OrtSession.open(environment, graph, options)) {
            assertThat(session.inputs()).as(graph.toString()).isNotEmpty();
          }
        }
      }
    }
  }
}
