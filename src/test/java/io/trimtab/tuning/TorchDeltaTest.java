package io.trimtab.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.engine.FolderRevisions;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringRequest.Positions;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.ReferenceCase;
import io.trimtab.tuning.job.LoraSettings;
import io.trimtab.tuning.job.LoraSettings.Rank;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.TrainingSequence;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A written delta is served as what was trained, and trained on as what was written. */
class TorchDeltaTest {
  /** float32 arithmetic of two runtimes, over a delta that has moved the answers by whole nats. */
  private static final float TOLERANCE = 1e-3f;

  private static final String LLAVA = "reference/llava-onevision";
  private static final String QWEN = "reference/qwen2_5-vl";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    LLAVA + ", SA_PROJ, 4, true",
    LLAVA + ", PROJECTOR, 4, false",
    QWEN + ", LLM, 2, false",
    QWEN + ", PROJECTOR, 3, true"
  })
  void theEngineServesWhatWasTrained(String checkpoint, Recipe recipe, int rank, boolean rslora)
      throws Exception {
    FolderRevisions revisions = new FolderRevisions(checkpoint);
    LoraSettings lora = new LoraSettings(rank, 6.5f, rslora, Rank.LOW);
    ReferenceCase reference = ReferenceCase.of(checkpoint).get(2);
    try (TorchBench bench = new TorchBench(checkpoint, RotaryFrequencies.FLOAT32, revisions);
        TorchModel model = bench.open(bench.plan(recipe, lora))) {
      TrainingSequence prompt = bench.prompt(reference);
      float[] base = model.score(prompt);
      train(model, List.of(prompt));
      float[] tuned = model.score(prompt);
      assertThat(distance(base, tuned)).isGreaterThan(0.5f);

      model.writeDelta(folder);
      revisions.put("trained", new PeftFolder(folder));
      requireServed(bench, reference, tuned);
      try (TorchModel next = bench.open(bench.plan(recipe, TorchBench.low(rank + 2), folder))) {
        assertThat(distance(tuned, next.score(prompt))).isLessThan(TOLERANCE);
      }
    }
  }

  private static void train(TorchModel model, List<TrainingSequence> sequences) {
    for (int step = 0; step < 8; step++) {
      model.learn(sequences, 0.05);
      model.update(1e-2, 0, 1);
    }
  }

  private static float distance(float[] some, float[] others) {
    float largest = 0;
    for (int i = 0; i < some.length; i++) {
      largest = Math.max(largest, Math.abs(some[i] - others[i]));
    }
    return largest;
  }

  private static void requireServed(TorchBench bench, ReferenceCase reference, float[] tuned)
      throws Exception {
    List<Float> served =
        bench
            .engine()
            .score(
                new ScoringRequest(
                    "score",
                    "default",
                    "trained",
                    reference.messages(),
                    "",
                    Positions.PROMPT_AND_CONTINUATION,
                    Optional.empty()))
            .get(60, TimeUnit.SECONDS)
            .promptTokens()
            .stream()
            .map(token -> token.logprob())
            .toList();
    assertThat(served).hasSize(tuned.length);
    for (int i = 0; i < tuned.length; i++) {
      assertThat(served.get(i)).as("token %d", i + 1).isCloseTo(tuned[i], within(TOLERANCE));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SA_QKV", "PROJECTOR"})
  void aFullDeltaIsWholeAtFullRankAndBestBelow(Recipe recipe) throws IOException {
    try (TorchBench bench = new TorchBench(LLAVA, RotaryFrequencies.FLOAT32)) {
      List<TrainingSequence> sequences = bench.answered().subList(2, 4);
      double tuned;
      try (TorchModel model =
          bench.open(bench.plan(recipe, new LoraSettings(100, 50, false, Rank.FULL)))) {
        train(model, sequences);
        tuned = model.evaluate(sequences).loss();
        model.writeDelta(folder.resolve("whole"));
        model.save(folder.resolve("step"));
      }
      double base;
      try (TorchModel low =
          bench.open(bench.plan(recipe, new LoraSettings(8, 8, false, Rank.FULL)))) {
        base = low.evaluate(sequences).loss();
        low.restore(folder.resolve("step"));
        low.writeDelta(folder.resolve("low"));
      }
      double whole = lossFrom(bench, recipe, folder.resolve("whole"), sequences);
      double low = lossFrom(bench, recipe, folder.resolve("low"), sequences);
      assertThat(whole).isCloseTo(tuned, within(1e-4 * base));
      assertThat(low - tuned).isLessThan(0.5 * (base - tuned));
    }
  }

  private static double lossFrom(
      TorchBench bench, Recipe recipe, Path delta, List<TrainingSequence> sequences) {
    try (TorchModel model = bench.open(bench.plan(recipe, TorchBench.low(100), delta))) {
      return model.evaluate(sequences).loss();
    }
  }

  @Test
  void aDeltaOfOtherTargetsOrTooLargeARankIsRefused() {
    try (TorchBench bench = new TorchBench(LLAVA, RotaryFrequencies.FLOAT32)) {
      Path attention = PeftFolder.reference("llava-onevision", "sa-proj").folder();
      assertRefused(bench, Recipe.GATE_UP, 16, attention, "none for");
      assertRefused(bench, Recipe.SA_QKV, 16, attention, "does not tune");
      assertRefused(bench, Recipe.SA_PROJ, 1, attention, "expected 1 at most");
    }
  }

  private static void assertRefused(
      TorchBench bench, Recipe recipe, int rank, Path from, String message) {
    assertThatThrownBy(() -> bench.open(bench.plan(recipe, TorchBench.low(rank), from)))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining(message);
  }
}
