package io.trimtab.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringRequest.Positions;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.tensor.DType;
import io.trimtab.testing.CheckpointCopy;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.ReferenceCase;
import io.trimtab.testing.Shared;
import io.trimtab.tuning.job.LoraSettings;
import io.trimtab.tuning.job.LoraSettings.Rank;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.TrainingSequence;
import io.trimtab.tuning.job.TuningPlan;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is trained is what transformers and PEFT compute, before it is trained any further. Rotary
 * frequencies are bfloat16 because the reference's are.
 */
class TorchParityTest {
  /** Two implementations of float32 arithmetic; 1e-3 is what is promised. */
  private static final float TOLERANCE = 1e-4f;

  private static final Map<String, TorchBench> BENCHES = new HashMap<>();

  @AfterAll
  static void close() {
    BENCHES.values().forEach(TorchBench::close);
    BENCHES.clear();
  }

  private static TorchBench bench(String checkpoint) {
    return BENCHES.computeIfAbsent(
        checkpoint, key -> new TorchBench(key, RotaryFrequencies.BFLOAT16));
  }

  static Stream<Arguments> cases() {
    return Stream.of(
            "reference/llava-onevision",
            "reference/qwen2_5-vl",
            "reference/llava-next",
            "reference/llava-1.5")
        .flatMap(
            checkpoint ->
                ReferenceCase.of(checkpoint).stream()
                    .flatMap(
                        each ->
                            Stream.of(Passes.values()).map(passes -> Arguments.of(each, passes))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aNewDeltaIsBase(ReferenceCase reference, Passes passes) {
    TorchBench bench = bench(reference.checkpoint());
    TrainingSequence prompt = bench.prompt(reference);
    try (TorchModel model = bench.open(bench.plan(Recipe.LLM, TorchBench.low(4)), passes)) {
      requireScores(reference, model.score(prompt));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "llava-onevision, sa-proj, SA_PROJ, LOW",
    "llava-onevision, sa-proj-old-names, SA_PROJ, FULL",
    "llava-onevision, gate-up-rslora, GATE_UP, LOW",
    "llava-onevision, gate-up-rslora, GATE_UP, FULL",
    "llava-onevision, projector, PROJECTOR, LOW",
    "llava-onevision, projector, PROJECTOR, FULL",
    "qwen2_5-vl, all-linear, LLM, LOW",
    "qwen2_5-vl, merger, PROJECTOR, LOW"
  })
  void anAdapterIsGoneOnFrom(String family, String adapter, Recipe recipe, Rank rank) {
    String name = adapter.replace("-old-names", "");
    ReferenceCase reference =
        new ReferenceCase(
            "reference/" + family,
            Shared.path("reference/%s/adapters/%s/cases/one-image".formatted(family, name)));
    TorchBench bench = bench(reference.checkpoint());
    TrainingSequence prompt = bench.prompt(reference);
    Path folder = PeftFolder.reference(family, adapter).folder();
    // Another rank and another scaling than the adapter's.
    LoraSettings lora = new LoraSettings(11, 7, false, rank);
    try (TorchModel model = bench.open(bench.plan(recipe, lora, folder))) {
      requireScores(reference, model.score(prompt));
    }
  }

  /** In every type, in shards, and with the data at odd places of the file. */
  @ParameterizedTest
  @CsvSource({
    "F32, 1, WHOLE",
    "F32, 1, LAYERWISE",
    "F16, 2, WHOLE",
    "F16, 1, LAYERWISE",
    "BF16, 3, LAYERWISE"
  })
  void whatIsOnDiskIsReadAsItIs(DType dtype, int shards, Passes passes, @TempDir Path folder) {
    ReferenceCase reference = ReferenceCase.of("reference/llava-onevision").get(2);
    TorchBench bench = bench(reference.checkpoint());
    TrainingSequence prompt = bench.prompt(reference);
    CheckpointCopy copy = CheckpointCopy.llavaOnevision().withWeights(weights -> weights.as(dtype));
    for (String padding : List.of("p", "pp", "ppp", "pppp")) {
      Path shifted =
          copy.withWeights(weights -> weights.with(padding, DType.U8, new long[] {1}, new byte[1]))
              .writeSharded(folder.resolve(padding), shards);
      TuningPlan plan = bench.plan(shifted, Recipe.SA_PROJ, TorchBench.low(2));
      try (TorchModel model = bench.open(plan, passes)) {
        requireScores(reference, model.score(prompt));
      }
    }
  }

  /** The bundled models' geometry and weights, against the engine that serves them. */
  @ParameterizedTest
  @ValueSource(strings = {"models/dinghy-llava", "models/dinghy-qwen"})
  void aBundledModelIsWhatTheEngineServes(String checkpoint) throws Exception {
    List<ChatMessage> messages = ReferenceCase.of("reference/llava-onevision").getLast().messages();
    TorchBench bench = bench(checkpoint);
    TrainingSequence sequence = bench.sequence("x", messages, "Two boats, one red.");
    List<TokenLogprob> served =
        bench
            .engine()
            .score(
                new ScoringRequest(
                    "score",
                    "default",
                    "",
                    messages,
                    "Two boats, one red.",
                    Positions.CONTINUATION,
                    Optional.empty()))
            .get(60, TimeUnit.SECONDS)
            .tokens();
    try (TorchModel model = bench.open(bench.plan(Recipe.MLP, TorchBench.low(4)))) {
      float[] scores = model.score(sequence);
      assertThat(served).hasSizeBetween(5, scores.length);
      for (int i = 0; i < served.size(); i++) {
        assertThat(scores[i]).as("token %d", i).isCloseTo(served.get(i).logprob(), within(1e-3f));
      }
    }
  }

  private static void requireScores(ReferenceCase reference, float[] scores) {
    float[] expected = reference.expected().floats("next_token_logprobs");
    assertThat(scores).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat(scores[i]).as("token %d", i + 1).isCloseTo(expected[i], within(TOLERANCE));
    }
  }
}
