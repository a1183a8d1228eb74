package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.engine.api.EngineStatistics;
import io.trimtab.engine.api.RecordingListener;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringRequest.Positions;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.ReferenceCase;
import io.trimtab.testing.Shared;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every reference adapter against what PEFT computed, with the tensor names of both generations of
 * transformers: alone, and all of a family in one batch with base. Rotary frequencies as in {@link
 * ParityTest}.
 */
class AdapterParityTest {
  /** As in {@link ParityTest}. */
  private static final float TOLERANCE = 1e-4f;

  private static final Map<String, List<String>> ADAPTERS =
      Map.of(
          "llava-onevision", List.of("sa-proj", "gate-up-rslora", "projector"),
          "qwen2_5-vl", List.of("all-linear", "merger"));

  private static final Map<String, Engine> ENGINES = new HashMap<>();

  @AfterAll
  static void close() {
    ENGINES.values().forEach(Engine::close);
    ENGINES.clear();
  }

  static Stream<Arguments> adapters() {
    return ADAPTERS.entrySet().stream()
        .flatMap(
            family ->
                family.getValue().stream()
                    .flatMap(
                        adapter ->
                            Stream.of(adapter, adapter + "-old-names")
                                .map(name -> Arguments.of(family.getKey(), name))));
  }

  static Stream<String> families() {
    return ADAPTERS.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("adapters")
  void everyPromptTokenIsAsLikelyAsUnderPeft(String family, String adapter) throws Exception {
    ReferenceCase reference = reference(family, adapter);
    ScoringResult result =
        engine(family)
            .score(
                new ScoringRequest(
                    "score",
                    "default",
                    adapter,
                    reference.messages(),
                    "",
                    Positions.PROMPT_AND_CONTINUATION,
                    Optional.empty()))
            .get(60, TimeUnit.SECONDS);
    float[] logprobs = reference.expected().floats("next_token_logprobs");
    assertThat(result.promptTokens()).hasSize(logprobs.length);
    for (int i = 0; i < logprobs.length; i++) {
      assertThat(result.promptTokens().get(i).logprob())
          .as("token %d", i + 1)
          .isCloseTo(logprobs[i], within(TOLERANCE));
    }
    assertThat(result.servedBy().adapter()).isEqualTo(adapter);
  }

  @ParameterizedTest
  @MethodSource("adapters")
  void theSameTokensAreGeneratedAsUnderPeft(String family, String adapter) {
    ReferenceCase reference = reference(family, adapter);
    RecordingListener answer =
        new Question(reference.messages(), ParityTest.TWELVE_TOKENS)
            .ask(engine(family), "default", adapter);
    requireGenerated(reference, answer);
    assertThat(answer.servedBy().adapterDigest()).hasSize(64);
  }

  /** Seven rows of LLaVA, five of Qwen: all adapters under both generations of names, and base. */
  @ParameterizedTest
  @MethodSource("families")
  void allAdaptersShareOneBatchWithBase(String family) {
    Engine engine = engine(family);
    List<String> names =
        ADAPTERS.getOrDefault(family, List.of()).stream()
            .flatMap(adapter -> Stream.of(adapter, adapter + "-old-names"))
            .toList();
    List<ReferenceCase> expected = new ArrayList<>();
    List<RecordingListener> answers = new ArrayList<>();
    EngineStatistics before = engine.statistics();
    ReferenceCase base = ReferenceCase.of("reference/" + family).getFirst();
    RecordingListener first = new RecordingListener();
    CountDownLatch allAsked = new CountDownLatch(1);
    // The first answer goes on when all have been asked: they decode together, however slow it is.
    first.atToken = count -> awaited(allAsked);
    new Question(base.messages(), ParityTest.TWELVE_TOKENS).ask(engine, "default", "base", first);
    expected.add(base);
    answers.add(first);
    for (String name : names) {
      ReferenceCase reference = reference(family, name);
      expected.add(reference);
      answers.add(
          new Question(reference.messages(), ParityTest.TWELVE_TOKENS)
              .ask(engine, "default", name));
    }
    allAsked.countDown();
    for (int i = 0; i < answers.size(); i++) {
      requireGenerated(expected.get(i), answers.get(i));
    }
    EngineStatistics done = engine.statistics().since(before);
    assertThat(done.decodedTokens()).isGreaterThan(done.decodeSteps());
  }

  private static void awaited(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void requireGenerated(ReferenceCase reference, RecordingListener answer) {
    assertThat(answer.tokenIds().stream().mapToLong(id -> id).toArray())
        .as("%s", reference)
        .isEqualTo(reference.expected().longs("generated"));
    assertThat(answer.completion().text()).isEqualTo(reference.generatedText());
  }

  /** Old names are the same weights, so they have the same case. */
  private static ReferenceCase reference(String family, String adapter) {
    String name = adapter.replace("-old-names", "");
    return new ReferenceCase(
        "reference/" + family,
        Shared.path("reference/%s/adapters/%s/cases/one-image".formatted(family, name)));
  }

  private static Engine engine(String family) {
    return ENGINES.computeIfAbsent(
        family,
        key -> {
          FolderRevisions revisions = new FolderRevisions("reference/" + key);
          for (String adapter : ADAPTERS.getOrDefault(key, List.of())) {
            for (String name : List.of(adapter, adapter + "-old-names")) {
              revisions.put(name, PeftFolder.reference(key, name));
            }
          }
          Engine engine =
              OpenedEngines.open(
                  "reference/" + key,
                  OpenedEngines.options(8, 512),
                  RotaryFrequencies.BFLOAT16,
                  revisions);
          engine.start();
          return engine;
        });
  }
}
