package io.trimtab.model.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.model.Checkpoint;
import io.trimtab.model.TextConfig;
import io.trimtab.ort.Device;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.ort.OrtSession;
import io.trimtab.ort.SessionOptions;
import io.trimtab.ort.TensorInfo;
import io.trimtab.testing.CheckpointCopy;
import io.trimtab.testing.Shared;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The written graphs as ONNX Runtime sees them: their inputs and outputs, and what deltas do. */
class WrittenGraphsTest {
  private static final int HIDDEN = 96;
  private static final int VOCABULARY = 782;
  private static final int SEQUENCE = 3;

  @TempDir Path folder;
  private OrtEnvironment environment;
  private final List<OrtSession> sessions = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    environment = OrtEnvironment.open();
  }

  @AfterEach
  void close() {
    sessions.forEach(OrtSession::close);
    environment.close();
  }

  private ModelGraphs graphs(Path model, Precision precision, Path cache) {
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      return ModelGraphs.imported(
          checkpoint, "0".repeat(64), precision, cache, WriteProgress.silent());
    }
  }

  private ModelGraphs llava() {
    return graphs(Shared.path("reference/llava-onevision"), Precision.FP32, folder);
  }

  private ModelGraphs qwen() {
    return graphs(Shared.path("reference/qwen2_5-vl"), Precision.FP32, folder);
  }

  private OrtSession session(Path graph) {
    OrtSession session = OrtSession.open(environment, graph, SessionOptions.on(Device.cpu(), 1));
    sessions.add(session);
    return session;
  }

  private static List<String> texts(List<TensorInfo> infos) {
    return infos.stream().map(TensorInfo::toString).toList();
  }

  @Test
  void theLanguageModelHasTheInputsAndOutputsOfTheDesign() {
    OrtSession session = session(qwen().languageModel());
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    inputs.add("inputs_embeds F32 [batch, sequence, 96]");
    inputs.add("rope_cos F32 [batch, sequence, 8]");
    inputs.add("rope_sin F32 [batch, sequence, 8]");
    inputs.add("seqlens_k I32 [batch]");
    inputs.add("total_sequence_length I32 []");
    inputs.add("logit_rows I64 [rows]");
    inputs.add("logit_targets I64 [rows]");
    inputs.add("token_classes F32 [classes, 782]");
    for (int layer = 0; layer < 3; layer++) {
      for (String part : List.of("key", "value")) {
        inputs.add("past_key_values.%d.%s F32 [batch, 2, capacity, 16]".formatted(layer, part));
        outputs.add("present.%d.%s F32 [batch, 2, present_capacity, 16]".formatted(layer, part));
      }
      inputs.addAll(deltas(layer, "q_proj", 96, 96));
      inputs.addAll(deltas(layer, "k_proj", 96, 32));
      inputs.addAll(deltas(layer, "v_proj", 96, 32));
      inputs.addAll(deltas(layer, "o_proj", 96, 96));
      inputs.addAll(deltas(layer, "gate_proj", 96, 160));
      inputs.addAll(deltas(layer, "up_proj", 96, 160));
      inputs.addAll(deltas(layer, "down_proj", 160, 96));
    }
    outputs.add("logits F32 [rows, 782]");
    outputs.add("top_logits F32 [rows, 64]");
    outputs.add("top_tokens I64 [rows, 64]");
    outputs.add("logsumexp F32 [rows, 1]");
    outputs.add("class_mass F32 [rows, classes]");
    outputs.add("target_logits F32 [rows, 1]");
    assertThat(texts(session.inputs())).containsExactlyInAnyOrderElementsOf(inputs);
    assertThat(texts(session.outputs())).containsExactlyInAnyOrderElementsOf(outputs);
  }

  private static List<String> deltas(int layer, String target, int inputs, int outputs) {
    return List.of(
        "delta.%d.%s.a F32 [delta_slots, %d, rank_%s]".formatted(layer, target, inputs, target),
        "delta.%d.%s.b F32 [delta_slots, rank_%s, %d]".formatted(layer, target, target, outputs));
  }

  @Test
  void towersAndProjectorsHaveTheInputsAndOutputsThatTheySay() {
    OrtSession siglip = session(llava().visionTower());
    assertThat(texts(siglip.inputs())).containsExactly("pixel_patches F32 [tiles, 3, 56, 56]");
    assertThat(texts(siglip.outputs())).containsExactly("features F32 [tiles, 16, 48]");
    OrtSession linear = session(llava().projector());
    assertThat(texts(linear.inputs()))
        .containsExactly(
            "features F32 [rows, 48]",
            "delta.projector.1.a F32 [1, 48, rank_1]",
            "delta.projector.1.b F32 [1, rank_1, 96]",
            "delta.projector.2.a F32 [1, 96, rank_2]",
            "delta.projector.2.b F32 [1, rank_2, 96]");
    assertThat(texts(linear.outputs())).containsExactly("embeddings F32 [rows, 96]");
  }

  @Test
  void qwensTowerAndMergerHaveTheInputsAndOutputsThatTheySay() {
    OrtSession tower = session(qwen().visionTower());
    assertThat(texts(tower.inputs()))
        .containsExactly(
            "pixel_patches F32 [patches, 1176]",
            "rope_cos F32 [1, patches, 8]",
            "rope_sin F32 [1, patches, 8]",
            "window_rows I64 [windows, length]",
            "window_bias F32 [windows, 1, length, length]",
            "window_cells I64 [patches]",
            "reading_order I64 [groups]");
    assertThat(texts(tower.outputs())).containsExactly("features F32 [groups, 256]");
    OrtSession merger = session(qwen().projector());
    assertThat(texts(merger.inputs()))
        .containsExactly(
            "features F32 [rows, 256]",
            "delta.projector.1.a F32 [1, 256, rank_1]",
            "delta.projector.1.b F32 [1, rank_1, 256]",
            "delta.projector.2.a F32 [1, 256, rank_2]",
            "delta.projector.2.b F32 [1, rank_2, 96]");
    assertThat(texts(merger.outputs())).containsExactly("embeddings F32 [rows, 96]");
  }

  /** A prefill of two equal rows, all targets at rank 0 and two slots. */
  private GraphRun prefill(OrtSession session) {
    float[] row = GraphRun.random(SEQUENCE * HIDDEN, 1);
    float[] ones = new float[2 * SEQUENCE * 8];
    Arrays.fill(ones, 1);
    float[] classes = new float[VOCABULARY];
    Arrays.fill(classes, 100, 300, 1);
    GraphRun run =
        new GraphRun(environment, session)
            .size("batch", 2)
            .size("sequence", SEQUENCE)
            .size("capacity", 8)
            .size("rows", 2)
            .size("classes", 1)
            .size("delta_slots", 2)
            .with("inputs_embeds", twice(row))
            .with("rope_cos", ones)
            .with("seqlens_k", SEQUENCE - 1L, SEQUENCE - 1L)
            .with("total_sequence_length", (long) SEQUENCE)
            .with("logit_rows", SEQUENCE - 1L, 2L * SEQUENCE - 1)
            .with("logit_targets", 5L, 9L)
            .with("token_classes", classes);
    Projection.ALL.forEach(target -> run.size("rank_" + target.wireName(), 0));
    return run;
  }

  private static float[] twice(float[] row) {
    float[] both = Arrays.copyOf(row, 2 * row.length);
    System.arraycopy(row, 0, both, row.length, row.length);
    return both;
  }

  private static float[] row(float[] logits, int row) {
    return Arrays.copyOfRange(logits, row * VOCABULARY, (row + 1) * VOCABULARY);
  }

  @Test
  void aDeltaOfZerosIsRankZero() {
    OrtSession session = session(qwen().languageModel());
    float[] base = prefill(session).output("logits");
    GraphRun zeros = prefill(session);
    Projection.ALL.forEach(target -> zeros.size("rank_" + target.wireName(), 4));
    assertThat(zeros.output("logits")).containsExactly(base);
  }

  @Test
  void aDeltaOfOneSlotReachesItsOwnRowAlone() {
    OrtSession session = session(qwen().languageModel());
    float[] base = prefill(session).output("logits");
    assertThat(row(base, 0)).containsExactly(row(base, 1), within(1e-5f));
    for (Projection target : Projection.ALL) {
      float[] a = new float[2 * 2 * target.inputs(text())];
      float[] b = new float[2 * 2 * target.outputs(text())];
      fillSecondHalf(a, 2);
      fillSecondHalf(b, 3);
      float[] tuned =
          prefill(session)
              .size("rank_" + target.wireName(), 2)
              .with(target.deltaA(1), a)
              .with(target.deltaB(1), b)
              .output("logits");
      assertThat(row(tuned, 0)).as(target.wireName()).containsExactly(row(base, 0));
      assertThat(distance(row(tuned, 1), row(base, 1))).as(target.wireName()).isGreaterThan(1e-3);
    }
  }

  private static void fillSecondHalf(float[] values, long seed) {
    int half = values.length / 2;
    System.arraycopy(GraphRun.random(half, seed), 0, values, half, half);
  }

  private static TextConfig text() {
    try (Checkpoint checkpoint = Checkpoint.open(Shared.path("reference/qwen2_5-vl"))) {
      return checkpoint.config().text();
    }
  }

  private static double distance(float[] one, float[] other) {
    double largest = 0;
    for (int i = 0; i < one.length; i++) {
      largest = Math.max(largest, Math.abs(one[i] - other[i]));
    }
    return largest;
  }

  @Test
  void whatTheSamplerReadsFollowsFromTheLogits() {
    GraphRun.Outputs outputs = prefill(session(qwen().languageModel())).outputs();
    for (int row = 0; row < 2; row++) {
      float[] logits = row(outputs.of("logits"), row);
      double sum = 0;
      double inClass = 0;
      for (int token = 0; token < VOCABULARY; token++) {
        sum += Math.exp(logits[token]);
        inClass += token >= 100 && token < 300 ? Math.exp(logits[token]) : 0;
      }
      assertThat(outputs.of("logsumexp")[row]).isCloseTo((float) Math.log(sum), within(1e-4f));
      assertThat(outputs.of("class_mass")[row]).isCloseTo((float) (inClass / sum), within(1e-5f));
      assertThat(outputs.of("target_logits")[row]).isEqualTo(logits[row == 0 ? 5 : 9]);
      float[] sorted = logits.clone();
      Arrays.sort(sorted);
      assertThat(outputs.of("top_logits")[row * 64]).isEqualTo(sorted[VOCABULARY - 1]);
      assertThat(outputs.of("top_logits")[row * 64 + 63]).isEqualTo(sorted[VOCABULARY - 64]);
    }
  }

  @Test
  void aTiedHeadIsTheEmbeddingUnlessTheCheckpointHasOne() {
    CheckpointCopy tied =
        CheckpointCopy.qwen25Vl().withConfig(config -> config.put("tie_word_embeddings", true));
    CheckpointCopy copied =
        CheckpointCopy.qwen25Vl()
            .withWeights(
                weights ->
                    weights
                        .without("lm_head.weight")
                        .withCopy("model.embed_tokens.weight", "lm_head.weight"));
    float[] own = logits(tied, "own");
    float[] embedding = logits(tied.withWeights(weights -> weights.without("lm_head.weight")), "e");
    assertThat(own).containsExactly(logits(CheckpointCopy.qwen25Vl(), "untied"));
    assertThat(embedding).containsExactly(logits(copied, "copied"));
    assertThat(distance(own, embedding)).isGreaterThan(1e-2);
  }

  private float[] logits(CheckpointCopy checkpoint, String name) {
    Path model = checkpoint.write(folder.resolve(name));
    OrtSession session = session(graphs(model, Precision.FP32, model).languageModel());
    return prefill(session).output("logits");
  }

  /** Layers of 48 inputs: the second block of each output is padded. */
  @Test
  void eightBitsWithAPaddedBlockLieNearFloat32() {
    Path model = Shared.path("reference/llava-onevision");
    float[] features = GraphRun.random(4 * 48, 6);
    float[] exact = project(graphs(model, Precision.FP32, folder), features);
    float[] rounded = project(graphs(model, Precision.INT8, folder), features);
    double[] magnitudes = new double[exact.length];
    Arrays.setAll(magnitudes, i -> Math.abs(exact[i]));
    // Weights and activations are rounded to 1/254 of their block's largest, twice in a row.
    assertThat(distance(exact, rounded))
        .isLessThan(0.03 * Arrays.stream(magnitudes).max().orElseThrow());
  }

  private float[] project(ModelGraphs graphs, float[] features) {
    return new GraphRun(environment, session(graphs.projector()))
        .size("rows", features.length / 48)
        .size("rank_1", 0)
        .size("rank_2", 0)
        .with("features", features)
        .output("embeddings");
  }

  /** {@code x Wᵀ + bias + (x a) b}, GELU, and the same again; by hand. */
  @Test
  void theProjectorIsTwoLayersWithTheirDeltas() {
    float[] x = GraphRun.random(48, 7);
    float[][] deltas = {
      GraphRun.random(2 * 48, 8), GraphRun.random(2 * 96, 9),
      GraphRun.random(96, 10), GraphRun.random(96, 11)
    };
    float[] actual =
        new GraphRun(environment, session(llava().projector()))
            .size("rows", 1)
            .size("rank_1", 2)
            .size("rank_2", 1)
            .with("features", x)
            .with("delta.projector.1.a", deltas[0])
            .with("delta.projector.1.b", deltas[1])
            .with("delta.projector.2.a", deltas[2])
            .with("delta.projector.2.b", deltas[3])
            .output("embeddings");
    try (Checkpoint checkpoint = Checkpoint.open(Shared.path("reference/llava-onevision"))) {
      NaiveLinear first = NaiveLinear.of(checkpoint.weights(), "projector.linear_1", 48, 96);
      NaiveLinear second = NaiveLinear.of(checkpoint.weights(), "projector.linear_2", 96, 96);
      float[] inner = first.apply(x, deltas[0], deltas[1]);
      for (int i = 0; i < inner.length; i++) {
        inner[i] = NaiveLinear.gelu(inner[i]);
      }
      assertThat(actual).containsExactly(second.apply(inner, deltas[2], deltas[3]), within(1e-4f));
    }
  }
}
