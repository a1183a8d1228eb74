package io.trimtab.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adapter.Activation.Force;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.ObjectStore;
import io.trimtab.store.UnsyncedStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writers that get in each other's way. */
class RacingRegistriesTest {
  private static final AdapterLimits LIMITS = new AdapterLimits(256, 1 << 20, 1 << 20, 100, 10_000);
  private static final List<AdapterId> IDS =
      List.of(new AdapterId("acme", "a"), new AdapterId("globex", "a"));

  @TempDir private Path root;

  /** A version that a call wrote; for an added revision its number, else 0. */
  private record Written(AdapterId id, long version, int added) {}

  @Test
  void noVersionOrRevisionIsMintedTwiceAndAllSeeTheSameInTheEnd() throws Exception {
    List<AdapterRegistry> registries = List.of(opened(), opened());
    List<Callable<List<Written>>> writers = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      AdapterRegistry registry = registries.get(thread % 2);
      int seed = thread;
      writers.add(() -> changes(registry, seed));
    }
    List<Written> written = all(writers);
    registries.forEach(AdapterRegistry::refreshAll);
    for (AdapterId id : IDS) {
      List<Written> ofId = written.stream().filter(each -> each.id().equals(id)).toList();
      AdapterSnapshot end = registries.getFirst().get(id);
      assertThat(registries.getLast().get(id)).isEqualTo(end);
      assertThat(opened().get(id)).isEqualTo(end);
      assertThat(ofId)
          .extracting(Written::version)
          .doesNotHaveDuplicates()
          .hasSize(Math.toIntExact(end.version()));
      assertThat(ofId.stream().filter(each -> each.added() != 0))
          .extracting(Written::added)
          .doesNotHaveDuplicates()
          .hasSize(end.lastRevision());
    }
  }

  @Test
  void anUploadKeepsItsFilesWhileTheSameContentsAreDeleted() throws Exception {
    ObjectStore store = UnsyncedStore.open(root);
    AdapterRegistry registry = AdapterRegistry.open(store, LIMITS, Clock.systemUTC());
    NewRevision same = Revisions.stored(store, "same");
    List<Callable<List<Written>>> uploaders = new ArrayList<>();
    for (AdapterId id : IDS) {
      uploaders.add(
          () -> {
            for (int i = 0; i < 60; i++) {
              try (BlobPin _ = registry.pin(same.files().config(), same.files().weights())) {
                Revisions.stored(store, "same");
                AdapterSnapshot added = registry.add(id, same);
                ResolvedRevision revision = ResolvedRevision.of(id, added.revisions().getLast());
                assertThat(registry.files(revision).weights()).hasContent("same");
              }
              registry.delete(id, 0, "");
            }
            return List.of();
          });
    }
    all(uploaders);
    assertThat(store.hasBlob(same.files().weights())).isFalse();
  }

  private List<Written> changes(AdapterRegistry registry, int seed) {
    Random random = new Random(seed);
    ObjectStore store = UnsyncedStore.open(root);
    List<Written> written = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      AdapterId id = IDS.get(random.nextInt(2));
      // Whoever finds its own words in the answer has written that version.
      String words = seed + "-" + i;
      try {
        if (random.nextInt(3) == 0) {
          AdapterSnapshot added = registry.add(id, Revisions.stored(store, words));
          written.add(new Written(id, added.version(), added.lastRevision()));
        } else {
          AdapterSnapshot changed = changed(registry, id, random, words);
          if (changed.change().reason().equals(words)) {
            written.add(new Written(id, changed.version(), 0));
          }
        }
      } catch (TrimtabException refused) {
        // Where others have left it, this cannot be done.
      }
    }
    return written;
  }

  private static AdapterSnapshot changed(
      AdapterRegistry registry, AdapterId id, Random random, String words) {
    int number = 1 + random.nextInt(20);
    return switch (random.nextInt(4)) {
      case 0 -> registry.rollback(id, words);
      case 1 -> registry.setScale(id, number, random.nextFloat(), words);
      default ->
          registry.activate(
              id, new Activation(number, random.nextInt(101), Force.FORCED, words, 0));
    };
  }

  private static List<Written> all(List<Callable<List<Written>>> writers) throws Exception {
    List<Written> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(writers.size())) {
      for (Future<List<Written>> each : threads.invokeAll(writers)) {
        all.addAll(each.get());
      }
    }
    return all;
  }

  private AdapterRegistry opened() {
    return AdapterRegistry.open(UnsyncedStore.open(root), LIMITS, Clock.systemUTC());
  }
}
