package io.trimtab.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.TrainingSequence;
import io.trimtab.tuning.job.TuningPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Updates by hand, what survives a restart, and what never updates anything. */
class TorchUpdatesTest {
  private static final double RATE = 1e-2;

  private static TorchBench bench;
  private static List<TrainingSequence> sequences;

  @TempDir Path folder;

  @BeforeAll
  static void open() {
    bench = new TorchBench("reference/llava-onevision", RotaryFrequencies.FLOAT32);
    sequences = bench.answered().subList(2, 5);
  }

  @AfterAll
  static void close() {
    bench.close();
  }

  private static TorchModel model() {
    return bench.open(bench.plan(Recipe.SA_PROJ, TorchBench.low(4)));
  }

  private static List<float[]> values(Iterable<NDArray> arrays) {
    List<float[]> values = new ArrayList<>();
    arrays.forEach(array -> values.add(array.toFloatArray()));
    return values;
  }

  /** Loshchilov and Hutter's algorithm 2 in float64, over all parameters. */
  private static final class HandAdam {
    private final List<double[]> parameters = new ArrayList<>();
    private final List<double[]> first = new ArrayList<>();
    private final List<double[]> second = new ArrayList<>();
    private int updates;

    HandAdam(List<float[]> parameters) {
      for (float[] each : parameters) {
        double[] copy = new double[each.length];
        for (int i = 0; i < each.length; i++) {
          copy[i] = each[i];
        }
        this.parameters.add(copy);
        first.add(new double[each.length]);
        second.add(new double[each.length]);
      }
    }

    double update(List<float[]> gradients, double rate, double decay, double maxNorm) {
      double norm = norm(gradients);
      double factor = Math.min(1, maxNorm / (norm + 1e-6));
      updates++;
      for (int p = 0; p < parameters.size(); p++) {
        double[] value = parameters.get(p);
        double[] m = first.get(p);
        double[] v = second.get(p);
        for (int i = 0; i < value.length; i++) {
          double gradient = gradients.get(p)[i] * factor;
          m[i] = 0.9 * m[i] + 0.1 * gradient;
          v[i] = 0.999 * v[i] + 0.001 * gradient * gradient;
          double step =
              m[i]
                  / (1 - Math.pow(0.9, updates))
                  / (Math.sqrt(v[i] / (1 - Math.pow(0.999, updates))) + 1e-8);
          value[i] = value[i] * (1 - rate * decay) - rate * step;
        }
      }
      return norm;
    }

    private static double norm(List<float[]> gradients) {
      double sum = 0;
      for (float[] gradient : gradients) {
        for (float value : gradient) {
          sum += (double) value * value;
        }
      }
      return Math.sqrt(sum);
    }
  }

  @Test
  void updatesAreThoseDoneByHand() {
    try (TorchModel model = model()) {
      HandAdam hand = new HandAdam(values(model.delta().parameters()));
      double[] decays = {0, 0.1, 0.1};
      double[] norms = {1e9, 1e9, 0.5};
      for (int step = 0; step < 3; step++) {
        model.learn(sequences, 0.1);
        List<float[]> gradients = values(model.delta().gradients());
        double norm = model.update(RATE, decays[step], norms[step]);
        double expected = hand.update(gradients, RATE, decays[step], norms[step]);
        assertThat(norm).isCloseTo(expected, within(1e-5 * expected)).isGreaterThan(0.5);
        List<float[]> parameters = values(model.delta().parameters());
        for (int p = 0; p < parameters.size(); p++) {
          for (int i = 0; i < parameters.get(p).length; i++) {
            // A gradient near ε moves by a share of the rate that float32 rounds.
            assertThat((double) parameters.get(p)[i])
                .isCloseTo(hand.parameters.get(p)[i], within(1e-3 * RATE));
          }
        }
        requireCleared(model);
      }
    }
  }

  private static void requireCleared(TorchModel model) {
    for (float[] gradient : values(model.delta().gradients())) {
      assertThat(gradient).containsOnly(0f);
    }
  }

  @Test
  void learningLowersTheLossUntilAnswersAreExact() {
    try (TorchModel model = model()) {
      double before = model.evaluate(sequences).loss();
      for (int step = 0; step < 60; step++) {
        model.learn(sequences, 0.05);
        model.update(RATE, 0, 1);
      }
      TrainableModel.Losses after = model.evaluate(sequences);
      assertThat(after.loss()).isLessThan(0.05 * before);
      assertThat(after.exactMatches()).isEqualTo(sequences.size());
      assertThat(model.rehearse(sequences, 0, 1).loss()).isPositive();
    }
  }

  @Test
  void rehearsalAloneLeadsBackToBase() throws IOException {
    try (TorchModel model = model()) {
      assertThat(model.rehearse(sequences, 1, 1).loss()).isCloseTo(0, within(1e-4));
      for (int step = 0; step < 5; step++) {
        model.learn(sequences, 0.05);
        model.update(RATE, 0, 1);
      }
      double away = model.rehearse(sequences, 0, 2).loss();
      for (int step = 0; step < 30; step++) {
        model.rehearse(sequences, 0.05, 2);
        model.update(RATE, 0, 1);
      }
      assertThat(model.rehearse(sequences, 0, 2).loss()).isLessThan(0.2 * away);
    }
  }

  @Test
  void aSequenceRehearsedTwiceInABatchCountsTwice() {
    try (TorchModel model = bench.open(bench.plan(Recipe.SA_PROJ, TorchBench.low(4)))) {
      model.learn(sequences, 0.05);
      model.update(RATE, 0, 1);
      TrainingSequence one = sequences.getFirst();
      double twice = model.rehearse(List.of(one, one), 0, 1).loss();
      int open = model.openTensors();
      double once = model.rehearse(List.of(one), 0, 1).loss();
      assertThat(twice).isCloseTo(2 * once, within(1e-4 * twice));
      assertThat(model.openTensors()).isEqualTo(open);
    }
  }

  @Test
  void aRestoredModelGoesOnBitForBit() throws IOException {
    Path file = folder.resolve("step.safetensors");
    try (TorchModel model = model();
        TorchModel other = model()) {
      for (int step = 0; step < 2; step++) {
        model.learn(sequences, 0.1);
        model.update(RATE, 0.01, 1);
      }
      model.save(file);
      other.restore(file);
      for (TorchModel each : List.of(model, other)) {
        each.learn(sequences, 0.1);
        each.rehearse(sequences, 0.1, 1);
        each.update(RATE, 0.01, 1);
      }
      assertThat(values(other.delta().parameters()))
          .usingRecursiveComparison()
          .isEqualTo(values(model.delta().parameters()));
    }
  }

  @Test
  void theCheckpointOfAnotherDeltaIsRefused() throws IOException {
    Path file = folder.resolve("step.safetensors");
    try (TorchModel model = model();
        TorchModel wider = bench.open(bench.plan(Recipe.SA_PROJ, TorchBench.low(5)));
        TorchModel fewer = bench.open(bench.plan(Recipe.SA_QKV, TorchBench.low(4)))) {
      model.save(file);
      for (TorchModel other : List.of(wider, fewer)) {
        assertThatThrownBy(() -> other.restore(file))
            .isInstanceOf(TrimtabException.class)
            .hasMessageContaining("step.safetensors is a checkpoint of another delta");
      }
    }
  }

  @Test
  void aGradientThatIsNoNumberUpdatesNothing() {
    for (float broken : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      try (TorchModel model = model();
          TorchModel untouched = model()) {
        model.learn(sequences, 0.1);
        NDArray gradient = model.delta().gradients().get(3);
        float[] values = gradient.toFloatArray();
        values[1] = broken;
        model.delta().overwrite(gradient, values);
        assertThat(model.update(RATE, 0.1, 1)).isNotFinite();
        requireCleared(model);
        assertThat(values(model.delta().state().values()))
            .usingRecursiveComparison()
            .isEqualTo(values(untouched.delta().state().values()));
      }
    }
  }

  @Test
  void aDeviceThatIsNotHereIsUnavailable() {
    TuningPlan here = bench.plan(Recipe.SA_PROJ, TorchBench.low(4));
    for (String device : List.of("cuda:99", "tpu")) {
      TuningPlan plan =
          new TuningPlan(
              here.checkpoint(),
              here.rotaryFrequencies(),
              here.recipe(),
              here.lora(),
              here.training(),
              here.rehearsal(),
              Optional.empty(),
              device,
              0);
      assertThatThrownBy(() -> bench.open(plan))
          .isInstanceOfSatisfying(
              TrimtabException.class,
              e ->
                  assertThat(e.code())
                      .isEqualTo(
                          device.equals("tpu")
                              ? ErrorCode.INVALID_ARGUMENT
                              : ErrorCode.UNAVAILABLE));
    }
  }

  @Test
  void noTensorOutlivesItsStep() {
    try (TorchModel model = model()) {
      int before = 0;
      for (int step = 0; step < 12; step++) {
        model.learn(sequences, 0.1);
        model.rehearse(sequences, 0.1, 1);
        model.evaluate(sequences);
        model.update(RATE, 0, 1);
        if (step == 1) {
          before = model.openTensors();
        }
      }
      assertThat(model.openTensors()).isEqualTo(before);
    }
  }
}
