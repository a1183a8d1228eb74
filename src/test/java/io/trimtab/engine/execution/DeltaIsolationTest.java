package io.trimtab.engine.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.engine.AdapterBank;
import io.trimtab.engine.SampleQuestion;
import io.trimtab.engine.delta.HostDelta;
import io.trimtab.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No row of a batch touches another's delta, to the bit; and what a request leaves behind in its
 * slot reaches nobody. In the same batches step by step, with tokens that are given.
 */
class DeltaIsolationTest {
  static final List<String> CHECKPOINTS = SampleQuestion.CHECKPOINTS;

  private static final Map<String, Set<String>> TARGETS =
      Map.of(
          "sa", AdapterBank.ATTENTION,
          "gate-up", AdapterBank.GATE_UP,
          "all", AdapterBank.ALL,
          "v", Set.of("v_proj"),
          "down", Set.of("down_proj"));

  /** Kernels differ by the number of rows; logits are 10 or so. */
  private static final float OTHER_KERNELS = 2e-3f;

  @TempDir static Path folders;
  private static final Map<String, ModelBench> BENCHES = new HashMap<>();

  @AfterAll
  static void close() throws Exception {
    for (ModelBench bench : BENCHES.values()) {
      assertThat(bench.leases.get()).isZero();
      bench.close();
    }
  }

  static Stream<Arguments> huge() {
    return CHECKPOINTS.stream()
        .flatMap(
            checkpoint ->
                TARGETS.keySet().stream()
                    .sorted()
                    .flatMap(
                        targets ->
                            Stream.of(64, 5)
                                .map(chunk -> Arguments.of(checkpoint, targets, chunk))));
  }

  @ParameterizedTest
  @MethodSource("huge")
  void hugeFiniteWeightsChangeNoBitOfANeighbour(String checkpoint, String targets, int chunk) {
    ModelBench bench = bench(checkpoint);
    AdapterBank bank = bank(checkpoint);
    Set<String> modules = TARGETS.getOrDefault(targets, Set.of());
    HostDelta huge = bench.delta(bank.make("huge", 1, 16, modules, 1e30f, DType.F32));
    HostDelta harmless = bench.delta(bank.make("harmless", 2, 16, modules));
    HostDelta neighbour = bench.delta(bank.make("neighbour", 3, 12, AdapterBank.ALL));
    List<List<float[]>> beside = beside(bench, huge, neighbour, chunk);
    List<List<float[]>> expected = beside(bench, harmless, neighbour, chunk);
    assertThat(beside.getFirst()).allMatch(row -> !Float.isFinite(row[0]));
    assertThat(expected.getFirst()).allMatch(row -> Float.isFinite(row[0]));
    for (int i = 1; i < expected.size(); i++) {
      requireSameBits(beside.get(i), expected.get(i), "neighbour " + i);
    }
  }

  /**
   * The answers of: the one in question; then a tuned neighbour, base, and two who come into slots
   * that others have left, the last one into that of the first.
   */
  private static List<List<float[]>> beside(
      ModelBench bench, HostDelta first, HostDelta neighbour, int chunk) {
    try (ModelBench.Loop loop = bench.loop(3, chunk)) {
      List<ForcedTokens> tasks = new ArrayList<>();
      tasks.add(loop.submit(first, 9, 6, 1));
      tasks.add(loop.submit(neighbour, 12, 20, 2));
      tasks.add(loop.submit(null, 7, 12, 3));
      tasks.add(loop.submit(null, 11, 14, 4));
      tasks.add(loop.submit(neighbour, 10, 8, 5));
      loop.start();
      return tasks.stream().map(ForcedTokens::rows).toList();
    }
  }

  @ParameterizedTest
  @FieldSource("CHECKPOINTS")
  void aSlotThatHeldNoNumbersServesTheNextAsAFreshOne(String checkpoint) {
    ModelBench bench = bench(checkpoint);
    AdapterBank bank = bank(checkpoint);
    HostDelta huge = bench.delta(bank.make("huge", 1, 16, AdapterBank.ALL, 1e30f, DType.F32));
    HostDelta tuned = bench.delta(bank.make("tuned", 2, 4, AdapterBank.ALL));
    for (HostDelta next : new HostDelta[] {null, tuned}) {
      List<float[]> fresh = afterIn(bench, null, next);
      requireSameBits(afterIn(bench, huge, next), fresh, "alone in the slot");
    }
  }

  /** The answer of {@code next} in a loop of one slot, after {@code before} has been there. */
  private static List<float[]> afterIn(
      ModelBench bench, @Nullable HostDelta before, @Nullable HostDelta next) {
    try (ModelBench.Loop loop = bench.loop(1, 64)) {
      loop.submit(before, 30, 20, 1);
      ForcedTokens task = loop.submit(next, 9, 12, 2);
      loop.start();
      return task.rows();
    }
  }

  /** vllm #34186: an adapter must not be served as base, nor base as an adapter. */
  @ParameterizedTest
  @FieldSource("CHECKPOINTS")
  void anAdapterOfZerosIsBaseToTheBitAndAnyOtherIsNot(String checkpoint) {
    ModelBench bench = bench(checkpoint);
    AdapterBank bank = bank(checkpoint);
    HostDelta zeros = bench.delta(bank.make("zeros", 1, 16, AdapterBank.ALL, 0, DType.F32));
    HostDelta tuned = bench.delta(bank.make("tuned", 2, 4, AdapterBank.ALL));
    // Beside a tuned neighbour, where all come from the arena, and alone with base.
    for (HostDelta company : new HostDelta[] {tuned, null}) {
      List<float[]> base = inCompany(bench, null, company);
      requireSameBits(inCompany(bench, zeros, company), base, "zeros");
      assertThat(inCompany(bench, tuned, company).getFirst()[0])
          .isNotCloseTo(base.getFirst()[0], within(OTHER_KERNELS));
    }
  }

  private static List<float[]> inCompany(
      ModelBench bench, @Nullable HostDelta delta, @Nullable HostDelta company) {
    try (ModelBench.Loop loop = bench.loop(4, 64)) {
      loop.submit(company, 5, 16, 7);
      ForcedTokens task = loop.submit(delta, 9, 12, 8);
      loop.submit(null, 6, 12, 9);
      loop.start();
      return task.rows();
    }
  }

  /** Ranks rise, fall and rise again while one long answer is given, tuned, and one of base. */
  @ParameterizedTest
  @FieldSource("CHECKPOINTS")
  void slotsThatAreLaidOutAnewInMidAnswerKeepWhatTheyServe(String checkpoint) {
    ModelBench bench = bench(checkpoint);
    AdapterBank bank = bank(checkpoint);
    HostDelta lengthy = bench.delta(bank.make("lengthy", 1, 8, AdapterBank.ALL));
    HostDelta small = bench.delta(bank.make("small", 2, 4, AdapterBank.ATTENTION));
    HostDelta large = bench.delta(bank.make("large", 3, 64, AdapterBank.ALL));
    HostDelta middling = bench.delta(bank.ofTwoRanks("middling", 4, 12, 40, AdapterBank.GATE_UP));
    List<Long> bytes = new ArrayList<>();
    try (ModelBench.Loop loop = bench.loop(4, 64)) {
      ForcedTokens tuned = loop.submit(lengthy, 9, 500, 1);
      ForcedTokens base = loop.submit(null, 7, 500, 2);
      tuned.atRow = rows -> bytes.add(loop.executor.deltas().bytes());
      loop.submit(large, 5, 4, 3);
      for (int i = 0; i < 80; i++) {
        loop.submit(i % 3 == 0 ? null : small, 4, 1 + i % 3, 4 + i);
      }
      loop.submit(middling, 5, 4, 90);
      loop.submit(large, 5, 4, 91);
      loop.start();
      requireClose(tuned.rows(), alone(bench, lengthy, 9, 500, 1), "tuned");
      requireClose(base.rows(), alone(bench, null, 7, 500, 2), "base");
      assertThat(loop.executor.deltas().layouts()).isGreaterThanOrEqualTo(4);
    }
    long most = bytes.stream().mapToLong(each -> each).max().orElseThrow();
    int peak = bytes.indexOf(most);
    assertThat(bytes.stream().distinct().count()).isGreaterThanOrEqualTo(3);
    assertThat(bytes.subList(peak, bytes.size())).anyMatch(each -> each < most / 2);
    assertThat(bytes.getLast()).isEqualTo(most);
  }

  private static List<float[]> alone(
      ModelBench bench, @Nullable HostDelta delta, int prompt, int forced, int seed) {
    try (ModelBench.Loop loop = bench.loop(1, 64)) {
      ForcedTokens task = loop.submit(delta, prompt, forced, seed);
      loop.start();
      return task.rows();
    }
  }

  private static void requireSameBits(List<float[]> rows, List<float[]> expected, String as) {
    assertThat(rows).hasSameSizeAs(expected);
    for (int i = 0; i < rows.size(); i++) {
      // Floats as objects: NaN equals itself, and 0 differs from -0.
      assertThat(rows.get(i)).as("row %d, %s", i, as).isEqualTo(expected.get(i));
    }
  }

  private static void requireClose(List<float[]> rows, List<float[]> expected, String as) {
    assertThat(rows).hasSameSizeAs(expected);
    for (int i = 0; i < rows.size(); i++) {
      assertThat(rows.get(i))
          .as("row %d, %s", i, as)
          .containsExactly(expected.get(i), within(OTHER_KERNELS));
    }
  }

  private static ModelBench bench(String checkpoint) {
    return BENCHES.computeIfAbsent(checkpoint, ModelBench::new);
  }

  private static AdapterBank bank(String checkpoint) {
    return new AdapterBank(
        bench(checkpoint).config(), folders.resolve(checkpoint.replace('/', '-')));
  }
}
