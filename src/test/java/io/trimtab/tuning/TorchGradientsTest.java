package io.trimtab.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import io.trimtab.adapter.peft.DeltaTarget;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.graph.Projection;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.Shared;
import io.trimtab.tuning.job.LoraSettings;
import io.trimtab.tuning.job.LoraSettings.Rank;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.StageSettings;
import io.trimtab.tuning.job.TrainingSequence;
import io.trimtab.tuning.job.TuningPlan;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every parameter's gradient is the slope of the loss, whatever else the JVM does meanwhile. */
class TorchGradientsTest {
  private static final String LLAVA = "reference/llava-onevision";
  private static final String QWEN = "reference/qwen2_5-vl";
  private static final String NEXT = "reference/llava-next";
  private static final String ONE_SQUARE = "reference/llava-1.5";
  private static final long SEED = 20_251_125;

  /** Half the distance of the two points that a slope is measured over. */
  private static final double STEP = 4e-3;

  /** Central differences of a float32 loss: curvature and rounding; 0.5 % was measured. */
  private static final double RELATIVE = 0.02;

  /** Answers' tokens of the sequences, or so. */
  private static final int ROWS = 50;

  private static final Map<String, TorchBench> BENCHES = new HashMap<>();

  @TempDir Path folder;

  @AfterAll
  static void close() {
    BENCHES.values().forEach(TorchBench::close);
    BENCHES.clear();
  }

  private static TorchBench bench(String checkpoint) {
    return BENCHES.computeIfAbsent(
        checkpoint, key -> new TorchBench(key, RotaryFrequencies.FLOAT32));
  }

  /** Two pictures' worth and none: every kind of row. */
  private static List<TrainingSequence> sequences(TorchBench bench) {
    List<TrainingSequence> all = bench.answered();
    return List.of(all.get(2), all.get(3));
  }

  private TorchModel open(
      TorchBench bench, String checkpoint, Recipe recipe, Rank rank, Passes passes) {
    LoraSettings lora = new LoraSettings(3, 4, false, rank);
    return bench.open(bench.plan(recipe, lora, random(checkpoint, recipe)), passes);
  }

  /** With B at zero, A would have no gradient. */
  private Path random(String checkpoint, Recipe recipe) {
    Set<String> targets = new TreeSet<>();
    recipe.projections().stream().map(Projection::wireName).forEach(targets::add);
    if (recipe.reachesProjector()) {
      targets.add(PeftFolder.PROJECTOR);
    }
    try (Checkpoint opened = Checkpoint.open(Shared.path(checkpoint))) {
      ModelConfig config = opened.config();
      return PeftFolder.random(config, folder.resolve(recipe.name()), SEED, 3, targets, 0.1f)
          .folder();
    }
  }

  @ParameterizedTest
  @CsvSource({
    LLAVA + ", LLM, LOW, WHOLE",
    LLAVA + ", LLM, LOW, LAYERWISE",
    LLAVA + ", SA_QKV, FULL, LAYERWISE",
    LLAVA + ", MLP, FULL, WHOLE",
    LLAVA + ", PROJECTOR, LOW, WHOLE",
    LLAVA + ", PROJECTOR, FULL, LAYERWISE",
    QWEN + ", LLM, LOW, WHOLE",
    QWEN + ", SA_PROJ, LOW, LAYERWISE",
    QWEN + ", GATE_UP, LOW, WHOLE",
    QWEN + ", PROJECTOR, LOW, WHOLE",
    NEXT + ", LLM, LOW, LAYERWISE",
    NEXT + ", PROJECTOR, LOW, WHOLE",
    ONE_SQUARE + ", LLM, LOW, WHOLE",
    ONE_SQUARE + ", PROJECTOR, FULL, WHOLE"
  })
  void learningFollowsTheSlope(String checkpoint, Recipe recipe, Rank rank, Passes passes) {
    TorchBench bench = bench(checkpoint);
    List<TrainingSequence> sequences = sequences(bench);
    try (TorchModel model = open(bench, checkpoint, recipe, rank, passes)) {
      model.learn(sequences, 1);
      requireSlopes(model, each -> each.evaluate(sequences).loss());
    }
  }

  @ParameterizedTest
  @CsvSource({
    LLAVA + ", SA_PROJ, LOW, WHOLE, 1",
    LLAVA + ", PROJECTOR, LOW, LAYERWISE, 2",
    QWEN + ", MLP, LOW, LAYERWISE, 0.7"
  })
  void rehearsalFollowsTheSlope(
      String checkpoint, Recipe recipe, Rank rank, Passes passes, double temperature) {
    TorchBench bench = bench(checkpoint);
    List<TrainingSequence> sequences = sequences(bench);
    try (TorchModel model = open(bench, checkpoint, recipe, rank, passes)) {
      double divergence = model.rehearse(sequences, 1, temperature).loss();
      assertThat(divergence).isPositive();
      requireSlopes(model, each -> each.rehearse(sequences, 0, temperature).loss());
    }
  }

  @ParameterizedTest
  @CsvSource({LLAVA + ", SA_PROJ, LOW, LAYERWISE", QWEN + ", GATE_UP, FULL, WHOLE"})
  void distillationFollowsTheSlope(String checkpoint, Recipe recipe, Rank rank, Passes passes) {
    TorchBench bench = bench(checkpoint);
    List<TrainingSequence> sequences = sequences(bench);
    TuningPlan usual =
        bench.plan(recipe, new LoraSettings(3, 4, false, rank), random(checkpoint, recipe));
    TuningPlan plan =
        new TuningPlan(
            usual.checkpoint(),
            usual.rotaryFrequencies(),
            usual.recipe(),
            usual.lora(),
            usual.training(),
            usual.rehearsal(),
            usual.startFrom(),
            usual.device(),
            usual.threads(),
            new StageSettings(1, 2, 1, List.of()));
    try (TorchModel model = bench.open(plan, passes)) {
      for (int step = 0; step < 3; step++) {
        model.learn(sequences, 0.05);
        model.update(1e-2, 0, 1);
      }
      model.distil(sequences, 1, 2, 2);
      requireSlopes(model, each -> each.distil(sequences, 0, 2, 2).loss());
    }
  }

  private static void requireSlopes(TorchModel model, ToDoubleFunction<TorchModel> loss) {
    SplittableRandom random = new SplittableRandom(SEED);
    // A divergence is a small difference of larger numbers: about 1e-8 a row.
    double rounding = (loss.applyAsDouble(model) * 1e-6 + ROWS * 1e-8) / STEP;
    List<float[]> gradients = new ArrayList<>();
    for (NDArray gradient : model.delta().gradients()) {
      gradients.add(gradient.toFloatArray());
    }
    int perTarget = gradients.size() / model.delta().targets().size();
    for (int i = 0; i < gradients.size(); i++) {
      if (!isProbed(model.delta().targets().get(i / perTarget))) {
        continue;
      }
      float[] gradient = gradients.get(i);
      double norm = norm(gradient);
      assertThat(norm).as("parameter %d", i).isPositive();
      // Half along the gradient, where the slope is large, and half any way.
      double[] direction = new double[gradient.length];
      double expected = 0;
      for (int k = 0; k < gradient.length; k++) {
        double any = (random.nextBoolean() ? 1 : -1) / Math.sqrt(gradient.length);
        direction[k] = (gradient[k] / norm + any) / Math.sqrt(2);
        expected += gradient[k] * direction[k];
      }
      assertThat(slope(model, i, direction, loss))
          .as("parameter %d", i)
          .isCloseTo(expected, within(RELATIVE * Math.abs(expected) + rounding));
    }
  }

  /** Each projection in one of the three layers. */
  private static boolean isProbed(TrainedTarget target) {
    return switch (target.target()) {
      case DeltaTarget.Decoder decoder -> decoder.projection().ordinal() % 3 == decoder.layer();
      case DeltaTarget.Projector _ -> true;
    };
  }

  private static double slope(
      TorchModel model, int parameter, double[] direction, ToDoubleFunction<TorchModel> loss) {
    NDArray array = model.delta().parameters().get(parameter);
    float[] values = array.toFloatArray();
    double[] losses = new double[2];
    for (int side = 0; side < 2; side++) {
      float[] moved = values.clone();
      for (int k = 0; k < moved.length; k++) {
        moved[k] += (float) ((side == 0 ? -STEP : STEP) * direction[k]);
      }
      model.delta().overwrite(array, moved);
      losses[side] = loss.applyAsDouble(model);
    }
    model.delta().overwrite(array, values);
    return (losses[1] - losses[0]) / (2 * STEP);
  }

  private static double norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  @Test
  void aCollectorAtWorkChangesNoBit() throws Exception {
    TorchBench bench = bench(LLAVA);
    List<TrainingSequence> sequences = sequences(bench);
    try (TorchModel model = open(bench, LLAVA, Recipe.PROJECTOR, Rank.LOW, Passes.WHOLE);
        TorchModel other = open(bench, LLAVA, Recipe.PROJECTOR, Rank.LOW, Passes.WHOLE)) {
      AtomicBoolean done = new AtomicBoolean();
      Thread collector = Thread.ofPlatform().start(() -> collect(done));
      try {
        learn(model, sequences);
      } finally {
        done.set(true);
        collector.join();
      }
      learn(other, sequences);
      requireSameGradients(model, other, 0);
    }
  }

  private static void learn(TorchModel model, List<TrainingSequence> sequences) {
    for (int i = 0; i < 3; i++) {
      model.learn(sequences, 0.3);
      model.rehearse(sequences, 0.7, 2);
    }
  }

  private static void collect(AtomicBoolean done) {
    List<ByteBuffer> buffers = new ArrayList<>();
    while (!done.get()) {
      System.gc();
      buffers.clear();
      for (int i = 0; i < 1000; i++) {
        // Where a Java buffer was that a tensor still read, this would be now.
        buffers.add(ByteBuffer.allocateDirect(4).putInt(0, 0x7149_F2CA));
      }
      Thread.yield();
    }
  }

  @Test
  void aBatchLearnsWhatItsSequencesLearnOneByOne() {
    TorchBench bench = bench(QWEN);
    List<TrainingSequence> sequences = bench.answered();
    try (TorchModel batched = open(bench, QWEN, Recipe.LLM, Rank.LOW, Passes.WHOLE);
        TorchModel single = open(bench, QWEN, Recipe.LLM, Rank.LOW, Passes.LAYERWISE)) {
      TrainableModel.Losses learned = batched.learn(sequences, 1);
      TrainableModel.Losses rehearsed = batched.rehearse(sequences, 2, 1);
      TrainableModel.Losses sum = TrainableModel.Losses.NONE;
      TrainableModel.Losses divergences = TrainableModel.Losses.NONE;
      for (TrainingSequence sequence : sequences) {
        sum = sum.plus(single.learn(List.of(sequence), 1));
        divergences = divergences.plus(single.rehearse(List.of(sequence), 2, 1));
        float[] scores = batched.score(sequence);
        assertThat(scores).hasSize(sequence.answerTokens());
      }
      assertThat(learned.loss()).isCloseTo(sum.loss(), within(1e-5 * sum.loss()));
      assertThat(rehearsed.loss()).isCloseTo(divergences.loss(), within(1e-4 * divergences.loss()));
      assertThat(learned.answerTokens()).isEqualTo(sum.answerTokens());
      assertThat(learned.exactMatches()).isEqualTo(sum.exactMatches());
      requireSameGradients(batched, single, 1e-4);
    }
  }

  private static void requireSameGradients(TorchModel some, TorchModel others, double relative) {
    for (int i = 0; i < some.delta().gradients().size(); i++) {
      float[] one = some.delta().gradients().get(i).toFloatArray();
      float[] other = others.delta().gradients().get(i).toFloatArray();
      float[] difference = new float[one.length];
      for (int k = 0; k < one.length; k++) {
        difference[k] = one[k] - other[k];
      }
      assertThat(norm(difference)).as("gradient %d", i).isLessThanOrEqualTo(relative * norm(one));
    }
  }
}
