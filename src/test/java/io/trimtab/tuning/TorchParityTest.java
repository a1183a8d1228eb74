package io.trimtab.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.model.RotaryFrequencies;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.ReferenceCase;
import io.trimtab.testing.Shared;
import io.trimtab.tuning.job.LoraSettings;
import io.trimtab.tuning.job.LoraSettings.Rank;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.TrainingSequence;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

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
    return Stream.of("reference/llava-onevision", "reference/qwen2_5-vl")
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

  private static void requireScores(ReferenceCase reference, float[] scores) {
    float[] expected = reference.expected().floats("next_token_logprobs");
    assertThat(scores).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat(scores[i]).as("token %d", i + 1).isCloseTo(expected[i], within(TOLERANCE));
    }
  }
}
