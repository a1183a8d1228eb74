package io.trimtab.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adapter.Activation.Force;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.ObjectStore;
import io.trimtab.store.UnsyncedStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random orders to the registry and to a naive one: the same is refused, and the same is left. */
class RegistryModelTest {
  private static final int REVISIONS_MAX = 5;
  private static final AdapterLimits LIMITS =
      new AdapterLimits(256, 1 << 20, 1 << 20, 100, REVISIONS_MAX);
  private static final List<AdapterId> IDS =
      List.of(new AdapterId("acme", "a"), new AdapterId("acme", "b"), new AdapterId("globex", "a"));

  @TempDir private Path root;
  private final NaiveAdapters naive = new NaiveAdapters();
  private final Map<String, String> blobs = new TreeMap<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theRegistryDoesWhatTheNaiveOneDoes(long seed) {
    Random random = new Random(seed);
    ObjectStore store = UnsyncedStore.open(root);
    AdapterRegistry registry = opened(store);
    for (int step = 0; step < 700; step++) {
      if (random.nextInt(20) == 0) {
        store = UnsyncedStore.open(root);
        registry = opened(store);
      }
      AdapterId id = IDS.get(random.nextInt(IDS.size()));
      String what = "seed %d, step %d, %s".formatted(seed, step, id);
      order(random, store, registry, id, what);
      compare(registry, id, what);
    }
    for (Map.Entry<String, String> blob : blobs.entrySet()) {
      assertThat(store.hasBlob(blob.getValue()))
          .as("seed %d, blob %s", seed, blob.getKey())
          .isEqualTo(naive.weights().contains(blob.getKey()));
    }
  }

  private void order(
      Random random, ObjectStore store, AdapterRegistry registry, AdapterId id, String what) {
    int number = number(random, naive.of(id));
    int percent = random.nextBoolean() ? 100 : 1 + random.nextInt(99);
    boolean force = random.nextInt(4) == 0;
    float scale = random.nextInt(5) / 4f;
    switch (random.nextInt(12)) {
      case 0 -> {
        registry.create(id);
        naive.create(id);
      }
      case 1, 2, 3 -> add(random, store, registry, id, what);
      case 4, 5, 6 ->
          same(
              what,
              () ->
                  registry.activate(
                      id,
                      new Activation(
                          number,
                          number == 0 ? 100 : percent,
                          force ? Force.FORCED : Force.RESPECTING_STATE,
                          "why",
                          0)),
              naive.activate(id, number, number == 0 ? 100 : percent, force));
      case 7, 8 -> same(what, () -> registry.rollback(id, "why"), naive.rollback(id));
      case 9 ->
          same(
              what,
              () -> registry.setScale(id, number, scale, "why"),
              naive.scale(id, number, scale));
      case 10 ->
          same(what, () -> registry.quarantine(id, number, "why"), naive.quarantine(id, number));
      default -> {
        int which = random.nextInt(5) == 0 ? 0 : number;
        same(what, () -> registry.delete(id, which, "why"), naive.delete(id, which));
      }
    }
  }

  /** Mostly of a revision that is there. */
  private static int number(Random random, NaiveAdapters.Adapter adapter) {
    List<Integer> there = List.copyOf(adapter.resting.keySet());
    return there.isEmpty() || random.nextInt(5) == 0
        ? random.nextInt(adapter.last + 2)
        : there.get(random.nextInt(there.size()));
  }

  private void add(
      Random random, ObjectStore store, AdapterRegistry registry, AdapterId id, String what) {
    RevisionState state = random.nextInt(4) == 0 ? RevisionState.REJECTED : RevisionState.STAGED;
    String weights = "weights " + random.nextInt(6);
    NewRevision revision = Revisions.stored(store, weights, state);
    blobs.put(weights, revision.files().weights());
    try (BlobPin _ = registry.pin(revision.files().weights())) {
      same(what, () -> registry.add(id, revision), naive.add(id, state, weights, REVISIONS_MAX));
    }
  }

  private static void same(String what, Runnable call, boolean accepted) {
    boolean done;
    try {
      call.run();
      done = true;
    } catch (TrimtabException refused) {
      done = false;
    }
    assertThat(done).as(what).isEqualTo(accepted);
  }

  private void compare(AdapterRegistry registry, AdapterId id, String what) {
    NaiveAdapters.Adapter expected = naive.of(id);
    List<AdapterSnapshot> found =
        registry.list(id.tenant()).stream().filter(each -> each.id().equals(id)).toList();
    assertThat(found).as(what).hasSize(expected.present ? 1 : 0);
    for (AdapterSnapshot snapshot : found) {
      assertThat(snapshot.version()).as(what).isEqualTo(expected.version);
      assertThat(snapshot.activeRevision()).as(what).isEqualTo(expected.active);
      assertThat(snapshot.canaryRevision()).as(what).isEqualTo(expected.canary);
      assertThat(snapshot.canaryPercent()).as(what).isEqualTo(expected.percent);
      assertThat(snapshot.lastRevision()).as(what).isEqualTo(expected.last);
      assertThat(snapshot.revisions())
          .as(what)
          .extracting(Revision::revision)
          .containsExactlyElementsOf(expected.resting.keySet());
      for (Revision each : snapshot.revisions()) {
        assertThat(each.state()).as(what).isEqualTo(expected.state(each.revision()));
        assertThat(each.scale()).as(what).isEqualTo(expected.scales.get(each.revision()));
      }
    }
  }

  private static AdapterRegistry opened(ObjectStore store) {
    return AdapterRegistry.open(store, LIMITS, Clock.systemUTC());
  }
}
