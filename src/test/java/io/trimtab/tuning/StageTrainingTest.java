package io.trimtab.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.tuning.TorchScript.Autograd;
import io.trimtab.tuning.job.LoraSettings;
import io.trimtab.tuning.job.LoraSettings.Rank;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.StageSettings;
import io.trimtab.tuning.job.TrainingSequence;
import io.trimtab.tuning.job.TuningPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A stage of a sequence goes on from the one before, and is held to it where it is asked to be. */
class StageTrainingTest {
  private static final String LLAVA = "reference/llava-onevision";
  private static final String QWEN = "reference/qwen2_5-vl";

  /** Larger than any side of the reference models' layers: no delta is cut. */
  private static final int WHOLE_RANK = 100;

  /** Float32 of one runtime; a full delta has been through a decomposition. */
  private static final double SAME = 1e-4;

  @TempDir Path folder;

  private static TuningPlan plan(TuningPlan usual, Optional<Path> startFrom, StageSettings stage) {
    return new TuningPlan(
        usual.checkpoint(),
        usual.rotaryFrequencies(),
        usual.recipe(),
        usual.lora(),
        usual.training(),
        usual.rehearsal(),
        startFrom,
        usual.device(),
        usual.threads(),
        stage);
  }

  private static void train(TorchModel model, List<TrainingSequence> sequences) {
    for (int step = 0; step < 6; step++) {
      model.learn(sequences, 0.05);
      model.update(1e-2, 0, 1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    LLAVA + ", SA_PROJ, LOW",
    LLAVA + ", MLP, FULL",
    LLAVA + ", PROJECTOR, FULL",
    QWEN + ", GATE_UP, LOW",
    QWEN + ", LLM, FULL",
    QWEN + ", PROJECTOR, LOW"
  })
  void theNextStageBeginsWithTheLossThatTheLastOneEndedWith(
      String checkpoint, Recipe recipe, Rank rank) throws IOException {
    LoraSettings lora = new LoraSettings(rank == Rank.LOW ? 4 : WHOLE_RANK, 8, false, rank);
    try (TorchBench bench = new TorchBench(checkpoint, RotaryFrequencies.FLOAT32)) {
      List<TrainingSequence> sequences = bench.answered().subList(2, 4);
      double base;
      double ended;
      try (TorchModel first = bench.open(bench.plan(recipe, lora))) {
        base = first.evaluate(sequences).loss();
        train(first, sequences);
        ended = first.evaluate(sequences).loss();
        first.writeDelta(folder);
      }
      assertThat(ended).isLessThan(0.95 * base);
      try (TorchModel second = bench.open(bench.plan(recipe, lora, folder))) {
        double began = second.learn(sequences, 0.05).loss();
        assertThat(began).isCloseTo(ended, within(SAME * base));
        second.update(1e-3, 0, 1);
        assertThat(second.evaluate(sequences).loss()).isLessThan(began);
      }
    }
  }

  /** Numbers by hand: two tokens of a vocabulary of three, T = 2, ratio 0.5. */
  @Test
  void theLossIsCrossEntropyAndTheWeightedDivergenceFromTheStart() {
    double[][] tuned = {{1, 2, 0}, {0, 0, 4}};
    double[][] start = {{0, 2, 1}, {2, 0, 0}};
    int[] targets = {1, 0};
    double loss = 0;
    double[] slopes = new double[6];
    for (int row = 0; row < 2; row++) {
      double[] q1 = softmax(tuned[row], 1);
      double[] q = softmax(tuned[row], 2);
      double[] p = softmax(start[row], 2);
      loss -= Math.log(q1[targets[row]]);
      for (int i = 0; i < 3; i++) {
        loss += 0.5 * p[i] * Math.log(p[i] / q[i]);
        double oneHot = i == targets[row] ? 1 : 0;
        slopes[3 * row + i] = q1[i] - oneHot + 0.5 * (q[i] - p[i]) / 2;
      }
    }
    // 0.4076 and 4.0360 of cross-entropy; half of 0.0604 and 0.8403 of divergence.
    assertThat(loss).isCloseTo(4.8940, within(5e-5));

    try (TorchBench bench = new TorchBench(LLAVA, RotaryFrequencies.FLOAT32);
        PtNDManager manager = TorchDevice.of("cpu").open(1);
        TorchScript script = script(bench, manager);
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDList arguments =
          new NDList(
              manager.create(flat(tuned), new Shape(2, 3)),
              manager.create(new long[] {1, 0}),
              manager.create(flat(start), new Shape(2, 3)),
              manager.create(0.5f),
              manager.create(2f));
      assertThat((double) script.call(Autograd.OFF, "taught", arguments).getFloat())
          .isCloseTo(loss, within(1e-5));
      float[] found = script.call(Autograd.ON, "taught_slopes", arguments).toFloatArray();
      for (int i = 0; i < slopes.length; i++) {
        assertThat((double) found[i]).as("slope %d", i).isCloseTo(slopes[i], within(1e-5));
      }
    }
  }

  private static TorchScript script(TorchBench bench, PtNDManager manager) {
    TuningPlan plan = bench.plan(Recipe.SA_PROJ, TorchBench.low(2));
    try (Checkpoint checkpoint = Checkpoint.open(plan.checkpoint())) {
      DecoderSource decoder =
          new DecoderSource(checkpoint.config(), plan.recipe(), plan.lora(), Passes.WHOLE);
      LossSource losses =
          new LossSource(
              plan.recipe(),
              Passes.WHOLE,
              checkpoint.config().text().layers(),
              LayerLayout.of(checkpoint.config()).size(),
              decoder.parametersPerLayer());
      String slopes =
          """
          def taught_slopes(self: __torch__.M, logits: Tensor, targets: Tensor, start: Tensor, ratio: Tensor, temperature: Tensor) -> Tensor:
            x = torch.requires_grad_(torch.detach(logits), True)
            loss = self.taught(x, targets, start, ratio, temperature)
            return unchecked_cast(Tensor, (torch.grad([loss], [x], annotate(List[Optional[Tensor]], [torch.ones_like(loss)])))[0])
          """;
      return TorchScript.compile(
          manager,
          new WeightSource(FrozenWeights.halves(checkpoint)).methods()
              + decoder.methods()
              + losses.methods()
              + slopes.indent(2));
    }
  }

  private static float[] flat(double[][] rows) {
    float[] flat = new float[rows.length * rows[0].length];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = (float) rows[i / rows[0].length][i % rows[0].length];
    }
    return flat;
  }

  private static double[] softmax(double[] logits, double temperature) {
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit / temperature);
    }
    double[] shares = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      shares[i] = Math.exp(logits[i] / temperature) / sum;
    }
    return shares;
  }

  /** At the start the KL is 0; the more is learned, the larger it is, and the start is not base. */
  @ParameterizedTest
  @CsvSource({LLAVA + ", SA_PROJ", LLAVA + ", PROJECTOR", QWEN + ", MLP"})
  void whatIsRecalledIsTheModelAsTheStageFoundIt(String checkpoint, Recipe recipe)
      throws IOException {
    try (TorchBench bench = new TorchBench(checkpoint, RotaryFrequencies.FLOAT32)) {
      List<TrainingSequence> sequences = bench.answered().subList(2, 4);
      TuningPlan usual = bench.plan(recipe, TorchBench.low(4));
      try (TorchModel first = bench.open(usual)) {
        train(first, sequences);
        first.writeDelta(folder);
      }
      StageSettings stage = new StageSettings(1, 2, 1, List.of());
      try (TorchModel second = bench.open(plan(usual, Optional.of(folder), stage))) {
        double entropy = second.evaluate(sequences).loss();
        assertThat(second.distil(sequences, 0, 3, 2).loss())
            .isCloseTo(entropy, within(SAME * entropy));
        assertThat(second.rehearse(sequences, 0, 2).loss()).isGreaterThan(0.01);
        train(second, sequences);
        double later = second.evaluate(sequences).loss();
        assertThat(second.distil(sequences, 0, 3, 2).loss() - later).isGreaterThan(0.01);
      }
    }
  }

  @Test
  void theGradientOfBothTermsIsTheSumOfTheirs() throws IOException {
    try (TorchBench bench = new TorchBench(QWEN, RotaryFrequencies.FLOAT32)) {
      List<TrainingSequence> sequences = bench.answered().subList(2, 4);
      TuningPlan usual = bench.plan(Recipe.LLM, TorchBench.low(4));
      // From a new delta the start is base, of which rehearsal has the divergence alone.
      StageSettings stage = new StageSettings(1, 2, 1, List.of());
      try (TorchModel both = bench.open(plan(usual, Optional.empty(), stage));
          TorchModel apart = bench.open(usual)) {
        train(both, sequences);
        train(apart, sequences);
        both.distil(sequences, 0.2, 3, 2);
        apart.learn(sequences, 0.2);
        apart.rehearse(sequences, 0.2 * 3, 2);
        for (int i = 0; i < both.delta().gradients().size(); i++) {
          NDArray found = both.delta().gradients().get(i);
          float[] expected = apart.delta().gradients().get(i).toFloatArray();
          assertThat(distance(found.toFloatArray(), expected))
              .as("gradient %d", i)
              .isLessThanOrEqualTo(1e-4 * distance(expected, new float[expected.length]));
        }
      }
    }
  }

  private static double distance(float[] some, float[] others) {
    double sum = 0;
    for (int i = 0; i < some.length; i++) {
      sum += Math.pow(some[i] - others[i], 2);
    }
    return Math.sqrt(sum);
  }

  /** Half of the way from start to end, as matrices. */
  @ParameterizedTest
  @CsvSource({"LOW, 6", "FULL, 100"})
  void aShareOfTheChangeIsWritten(Rank rank, int r) throws IOException {
    LoraSettings lora = new LoraSettings(r, 6, false, rank);
    try (TorchBench bench = new TorchBench(LLAVA, RotaryFrequencies.FLOAT32)) {
      List<TrainingSequence> sequences = bench.answered().subList(2, 4);
      // Rank 2 to begin with: both together have no more than 6 where 4 are added.
      TuningPlan usual = bench.plan(Recipe.SA_QKV, lora);
      Path before = folder.resolve("before");
      try (TorchModel first = bench.open(bench.plan(Recipe.SA_QKV, TorchBench.low(2)))) {
        train(first, sequences);
        first.writeDelta(before);
      }
      StageSettings half = new StageSettings(0, 2, 0.5, List.of());
      double[] start;
      double[] end;
      try (TorchModel second = bench.open(plan(usual, Optional.of(before), half))) {
        start = product(second, rank);
        train(second, sequences);
        end = product(second, rank);
        second.writeDelta(folder.resolve("half"));
      }
      try (TorchModel written =
          bench.open(bench.plan(Recipe.SA_QKV, lora, folder.resolve("half")))) {
        double[] found = product(written, rank);
        double error = 0;
        double size = 0;
        for (int i = 0; i < found.length; i++) {
          error += Math.pow(found[i] - (start[i] + end[i]) / 2, 2);
          size += Math.pow(end[i] - start[i], 2);
        }
        // What lies beyond the rank is lost; a full delta has no beyond.
        assertThat(Math.sqrt(error / size)).isLessThan(rank == Rank.LOW ? 0.25 : 1e-3);
        assertThat(size).isGreaterThan(0.01);
      }
    }
  }

  /** {@code s · B A} of the first target. */
  private static double[] product(TorchModel model, Rank rank) {
    NDList parameters = model.delta().parameters();
    if (rank == Rank.FULL) {
      float[] full = parameters.get(0).toFloatArray();
      double[] result = new double[full.length];
      for (int i = 0; i < full.length; i++) {
        result[i] = full[i];
      }
      return result;
    }
    int r = (int) parameters.get(0).getShape().get(0);
    int inputs = (int) parameters.get(0).getShape().get(1);
    int outputs = (int) parameters.get(1).getShape().get(0);
    float[] a = parameters.get(0).toFloatArray();
    float[] b = parameters.get(1).toFloatArray();
    double[] result = new double[outputs * inputs];
    for (int row = 0; row < outputs; row++) {
      for (int column = 0; column < inputs; column++) {
        for (int i = 0; i < r; i++) {
          result[row * inputs + column] += b[row * r + i] * a[i * inputs + column] * 6.0 / r;
        }
      }
    }
    return result;
  }
}
