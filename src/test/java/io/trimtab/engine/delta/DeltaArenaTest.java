package io.trimtab.engine.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adapter.peft.LoraModule;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.graph.Projection;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the slots hold, read back from the memory that a run would bind. */
class DeltaArenaTest {
  private static final int SLOTS = 4;
  private static final int FIRST_Q = DeltaSite.index(0, Projection.Q);

  @TempDir Path folder;
  private DeltaBench bench;
  private DeltaArena arena;
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeEach
  void open() throws Exception {
    bench = new DeltaBench(folder);
    arena = arena(SLOTS);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    arena.close();
    bench.close();
  }

  @Test
  void aSlotHoldsWhatWasPlacedAndBaseIsZeros() {
    List<LoraModule> modules =
        List.of(bench.module(0, Projection.Q, 8, 1), bench.module(1, Projection.DOWN, 16, 2));
    HostDelta delta = delta(modules);
    arena.fit(List.of(delta));
    arena.place(0, delta);
    arena.place(1, null);
    requireHeld(arena.prefix(2), List.of(modules, List.of()), 8, 16);
    requireHeld(arena.single(0), List.of(modules), 8, 16);
    requireHeld(arena.single(1), List.of(List.of()), 8, 16);
  }

  @Test
  void aSmallerRankHasZerosBehindIt() {
    List<LoraModule> large = List.of(bench.module(0, Projection.Q, 24, 1));
    List<LoraModule> small =
        List.of(bench.module(0, Projection.Q, 3, 2), bench.module(1, Projection.Q, 9, 3));
    HostDelta first = delta(large);
    HostDelta second = delta(small);
    arena.fit(List.of(first, second));
    arena.place(0, first);
    arena.place(1, second);
    requireHeld(arena.prefix(2), List.of(large, small), 24, 0);
    // Whoever sits here next finds nothing of the one before.
    arena.place(0, second);
    requireHeld(arena.prefix(2), List.of(small, small), 24, 0);
  }

  @Test
  void aProjectionThatNobodyChangesHasRankZero() {
    HostDelta delta = delta(List.of(bench.module(0, Projection.Q, 8, 1)));
    arena.fit(List.of(delta));
    arena.place(0, delta);
    BoundDeltas bound = arena.prefix(1);
    int up = DeltaSite.index(0, Projection.UP);
    assertThat(bound.a(up)).isSameAs(bench.empty.a(up));
    assertThat(bound.b(up)).isSameAs(bench.empty.b(up));
    assertThat(arena.bytes()).isEqualTo(2L * SLOTS * 8 * (8 + 8) * Float.BYTES);
  }

  @Test
  void aLargerRankLaysSlotsOutAnewAndWhatTheyHeldIsCopiedAgain() {
    List<LoraModule> small = List.of(bench.module(0, Projection.Q, 8, 1));
    List<LoraModule> large = List.of(bench.module(0, Projection.Q, 40, 2));
    HostDelta first = delta(small);
    HostDelta second = delta(large);
    arena.fit(List.of(first));
    arena.place(0, first);
    BoundDeltas before = arena.prefix(1);
    arena.fit(List.of(first, second));
    assertThat(arena.layouts()).isEqualTo(2);
    assertThat(arena.prefix(1)).isNotSameAs(before);
    arena.place(0, first);
    arena.place(1, second);
    requireHeld(arena.prefix(2), List.of(small, large), 40, 0);
  }

  @Test
  void aViewOfAnEarlierLayoutIsClosed() {
    HostDelta first = delta(List.of(bench.module(0, Projection.Q, 8, 1)));
    arena.fit(List.of(first));
    arena.place(0, first);
    BoundDeltas before = arena.prefix(1);
    arena.fit(List.of(delta(List.of(bench.module(0, Projection.Q, 16, 2)))));
    assertThatThrownBy(() -> before.a(FIRST_Q).tensor())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
  }

  @Test
  void aRankThatNobodyNeedsShrinksAfterAWhileAndNotBefore() {
    HostDelta large = delta(List.of(bench.module(0, Projection.Q, 64, 1)));
    List<LoraModule> modules = List.of(bench.module(0, Projection.Q, 8, 2));
    HostDelta small = delta(modules);
    arena.fit(List.of(large, small));
    long bytesLarge = arena.bytes();
    for (int i = 0; i < 64; i++) {
      arena.fit(List.of(small));
      assertThat(arena.bytes()).isEqualTo(bytesLarge);
    }
    arena.fit(List.of(small));
    assertThat(arena.bytes()).isEqualTo(bytesLarge / 8);
    arena.place(2, small);
    requireHeld(arena.single(2), List.of(modules), 8, 0);
    for (int i = 0; i < 65; i++) {
      arena.fit(List.of());
    }
    assertThat(arena.bytes()).isZero();
  }

  @Test
  void twoTenantsInTurnDoNotLaySlotsOutAgainAndAgain() {
    HostDelta large = delta(List.of(bench.module(0, Projection.Q, 64, 1)));
    HostDelta small = delta(List.of(bench.module(0, Projection.Q, 8, 2)));
    for (int i = 0; i < 500; i++) {
      arena.fit(List.of(i % 2 == 0 ? large : small));
    }
    assertThat(arena.layouts()).isEqualTo(1);
  }

  @Test
  void whatIsThereAlreadyIsNotCopiedAgain() {
    HostDelta delta = delta(List.of(bench.module(0, Projection.Q, 8, 1)));
    HostDelta reloaded = delta(List.of(bench.module(0, Projection.Q, 8, 2)));
    arena.fit(List.of(delta));
    arena.place(0, delta);
    arena.place(0, delta);
    arena.place(1, null);
    arena.place(1, null);
    assertThat(arena.placements()).isEqualTo(2);
    // The same key, loaded again: another object, so it is copied.
    arena.place(0, reloaded);
    assertThat(arena.placements()).isEqualTo(3);
  }

  @Test
  void aDeltaThatWasNotFittedIsRefused() {
    HostDelta fitted = delta(List.of(bench.module(0, Projection.Q, 8, 1)));
    HostDelta larger = delta(List.of(bench.module(0, Projection.Q, 16, 2)));
    HostDelta elsewhere = delta(List.of(bench.module(1, Projection.UP, 8, 3)));
    arena.fit(List.of(fitted));
    assertThatThrownBy(() -> arena.place(0, larger))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was not fitted: rank 16 at q_proj, the arena has 8");
    assertThatThrownBy(() -> arena.place(0, elsewhere))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was not fitted: rank 8 at up_proj, the arena has 0");
    // What a slot holds after a refusal is not believed.
    arena.place(0, fitted);
    assertThat(arena.placements()).isEqualTo(1);
  }

  @Test
  void whereMemoryRunsOutNothingHasChanged() {
    // 140 TB, which is more than there are addresses.
    try (DeltaArena vast = arena(1 << 22)) {
      HostDelta delta = delta(List.of(bench.module(0, Projection.Q, 1 << 18, 1)));
      assertThatThrownBy(() -> vast.fit(List.of(delta)))
          .isInstanceOfSatisfying(
              TrimtabException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
          .hasMessageStartingWith(
              "Adapters of rank 262144 at q_proj need 140737488355328 bytes for 4194304 slots");
      assertThat(vast.bytes()).isZero();
      assertThat(vast.layouts()).isZero();
      vast.place(0, null);
      assertThat(vast.prefix(1).a(FIRST_Q)).isSameAs(bench.empty.a(FIRST_Q));
    }
  }

  /** Whatever comes, moves and goes, each slot holds what was last placed there. */
  @Test
  void everySlotHoldsItsOwnThroughAThousandChanges() {
    long seed = 20260601;
    Random random = new Random(seed);
    List<List<LoraModule>> tenants = new ArrayList<>();
    List<HostDelta> deltas = new ArrayList<>();
    for (int tenant = 0; tenant < 12; tenant++) {
      List<LoraModule> modules = new ArrayList<>();
      for (int layer = 0; layer < 2; layer++) {
        for (Projection projection : Projection.ALL) {
          if (random.nextInt(3) == 0) {
            modules.add(bench.module(layer, projection, 1 + random.nextInt(40), random.nextLong()));
          }
        }
      }
      tenants.add(modules);
      deltas.add(delta(modules));
    }
    int[] seated = new int[SLOTS];
    Arrays.fill(seated, -1);
    for (int change = 0; change < 1000; change++) {
      seated[random.nextInt(SLOTS)] = random.nextInt(tenants.size() + 1) - 1;
      arena.fit(Arrays.stream(seated).filter(tenant -> tenant >= 0).mapToObj(deltas::get).toList());
      int count = 1 + random.nextInt(SLOTS);
      List<List<LoraModule>> expected = new ArrayList<>();
      for (int slot = 0; slot < count; slot++) {
        arena.place(slot, seated[slot] < 0 ? null : deltas.get(seated[slot]));
        expected.add(seated[slot] < 0 ? List.of() : tenants.get(seated[slot]));
      }
      requireHeld(arena.prefix(count), expected, "change %d, seed %d".formatted(change, seed));
    }
    assertThat(arena.layouts()).isGreaterThan(1);
  }

  private DeltaArena arena(int slots) {
    return new DeltaArena(bench.session, DType.F32, slots, bench.empty);
  }

  private HostDelta delta(List<LoraModule> modules) {
    HostDelta delta = bench.delta(modules.toArray(LoraModule[]::new));
    open.add(delta);
    return delta;
  }

  /** Ranks as expected at q_proj and at down_proj, and every row's numbers at every site. */
  private void requireHeld(
      BoundDeltas bound, List<List<LoraModule>> rows, int rankOfQ, int rankOfDown) {
    assertThat(bound.a(FIRST_Q).shape())
        .isEqualTo(Shape.of(rankOfQ == 0 ? 1 : rows.size(), 8, rankOfQ));
    assertThat(bound.b(DeltaSite.index(1, Projection.DOWN)).shape())
        .isEqualTo(Shape.of(rankOfDown == 0 ? 1 : rows.size(), rankOfDown, 8));
    requireHeld(bound, rows, "");
  }

  private static void requireHeld(BoundDeltas bound, List<List<LoraModule>> rows, String as) {
    for (int layer = 0; layer < 2; layer++) {
      for (Projection projection : Projection.ALL) {
        int site = DeltaSite.index(layer, projection);
        int rank = Math.toIntExact(bound.a(site).shape().dim(2));
        for (int row = 0; row < rows.size(); row++) {
          List<float[]> expected = DeltaBench.expected(rows.get(row), projection, layer, rank);
          if (rank == 0) {
            continue;
          }
          List<float[]> held = DeltaBench.read(bound, site, row);
          assertThat(held.get(0)).as("a, row %d, %s", row, as).isEqualTo(expected.get(0));
          assertThat(held.get(1)).as("b, row %d, %s", row, as).isEqualTo(expected.get(1));
        }
      }
    }
  }
}
