package io.trimtab.adaptation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.BlobPin;
import io.trimtab.adapter.NewRevision;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.RevisionFiles;
import io.trimtab.adapter.RevisionState;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.BlobDraft;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.FakeEngine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What another process has activated: loaded before the name moves, or not moved. */
class AdapterFollowerTest {
  private static final AdapterId BIRDS = new AdapterId("t", "birds");
  private static final TrimtabException AWAY =
      new TrimtabException(ErrorCode.UNAVAILABLE, "The disk is away, as if");

  @TempDir private Path folder;
  private final FakeEngine engine = FakeEngine.silent();
  private FileObjectStore store;
  private AdapterRegistry there;
  private AdapterRegistry here;
  private AdapterFollower follower;

  @BeforeEach
  void open() {
    store = FileObjectStore.open(folder);
    there = AdapterRegistry.open(store, AdapterLimits.defaults(), Clock.systemUTC());
    var _ = there.create(BIRDS);
    here = AdapterRegistry.open(store, AdapterLimits.defaults(), Clock.systemUTC());
    follower = follower(here);
  }

  @AfterEach
  void close() {
    follower.close();
    store.close();
  }

  @Test
  void theNameMovesOnceTheRevisionIsLoaded() {
    activate("one");
    assertThat(here.get(BIRDS).activeRevision()).isZero();
    follower.heard(BIRDS);
    await(() -> here.get(BIRDS).activeRevision() == 1);
    assertThat(engine.preloaded()).extracting(ResolvedRevision::revision).containsExactly(1);
    assertThat(follower.failing()).isEmpty();
  }

  @Test
  void whatCannotBeLoadedLeavesTheOldOneServedAndIsTriedAgain() {
    activate("one");
    follower.heard(BIRDS);
    await(() -> here.get(BIRDS).activeRevision() == 1);
    activate("two");
    engine.preloadFailure(AWAY);
    follower.heard(BIRDS);
    await(() -> follower.failing().stream().anyMatch(load -> load.attempts() >= 3));
    // What looks into the store for reasons of its own moves nothing.
    assertThat(here.lastDeleted(BIRDS)).isEmpty();
    assertThat(here.isGone(BIRDS, Instant.EPOCH)).isFalse();
    assertThat(here.newest(BIRDS).activeRevision()).isEqualTo(2);
    assertThat(here.create(BIRDS).activeRevision()).isEqualTo(2);
    var _ = there.create(new AdapterId("t", "new"));
    here.requireRoomForRevision(new AdapterId("t", "new"));
    assertThat(here.get(BIRDS).activeRevision()).isEqualTo(1);
    assertThat(follower.failing())
        .singleElement()
        .satisfies(
            load -> {
              assertThat(load.id()).isEqualTo(BIRDS);
              assertThat(load.reason())
                  .isEqualTo("Revision 2 can't be loaded: The disk is away, as if");
            });
    engine.preloadFailure(null);
    await(() -> here.get(BIRDS).activeRevision() == 2);
    await(() -> follower.failing().isEmpty());
  }

  @Test
  void oneThatCannotBeLoadedHoldsUpNoOther() {
    AdapterId other = new AdapterId("t", "other");
    activate("one");
    engine.preloadFailure(AWAY);
    follower.heard(BIRDS);
    await(() -> !follower.failing().isEmpty());
    var _ = there.create(other);
    follower.heard(other);
    await(() -> here.list("t").stream().anyMatch(each -> each.id().equals(other)));
    // Base needs no loading: back to it at once.
    var _ = there.rollback(BIRDS, "");
    follower.heard(BIRDS);
    await(() -> follower.failing().isEmpty());
    assertThat(here.get(BIRDS).activeRevision()).isZero();
  }

  @Test
  void aRevisionOfAnotherModelIsNotTaken() {
    add("one", "f".repeat(64));
    var _ = there.activate(BIRDS, Activation.of(1));
    follower.heard(BIRDS);
    await(() -> !follower.failing().isEmpty());
    assertThat(follower.failing().getFirst().reason()).contains("belongs to the model ffff");
    assertThat(here.get(BIRDS).activeRevision()).isZero();
  }

  @Test
  void aDeletedAdapterIsForgotten() {
    there.delete(BIRDS, 0, "");
    follower.heard(BIRDS);
    await(() -> here.list("t").isEmpty());
    await(() -> follower.failing().isEmpty());
  }

  @Test
  void anErrorOverOneVersionIsNoReasonToFollowItNoMore() {
    FaultyStore faulty = new FaultyStore(store);
    AdapterRegistry own = AdapterRegistry.open(faulty, AdapterLimits.defaults(), Clock.systemUTC());
    try (AdapterFollower follower = follower(own)) {
      activate("one");
      faulty.atNext(
          FaultyStore.Step.READ,
          () -> {
            throw new OutOfMemoryError("Java heap space, as if");
          });
      follower.heard(BIRDS);
      await(() -> own.get(BIRDS).activeRevision() == 1);
      await(() -> follower.failing().isEmpty());
    }
  }

  @Test
  void aLookFindsWhatNoNoticeTellsOf() {
    AdapterId calm = new AdapterId("t", "calm");
    var _ = there.create(calm);
    here.refreshAll();
    activate("one");
    follower.look();
    await(() -> here.get(BIRDS).activeRevision() == 1);
    var _ = there.rollback(BIRDS, "");
    there.delete(calm, 0, "");
    // A look passes over what is being followed, as the first one's adapter may be still.
    await(
        () -> {
          follower.look();
          return here.get(BIRDS).activeRevision() == 0;
        });
    await(() -> here.list("t").stream().noneMatch(each -> each.id().equals(calm)));
  }

  @Test
  void aLookLeavesThePausesOfWhatCannotBeLoaded() {
    AdapterFollower patient =
        new AdapterFollower(
            engine, here, Clock.systemUTC(), Duration.ofHours(1), Duration.ofHours(1));
    try (patient) {
      activate("one");
      engine.preloadFailure(AWAY);
      patient.look();
      await(() -> !patient.failing().isEmpty());
      for (int i = 0; i < 100; i++) {
        patient.look();
      }
      assertThat(engine.preloaded()).hasSize(1);
    }
  }

  @Test
  void aLookAtAStoreThatIsAwayMovesNothing() {
    FaultyStore faulty = new FaultyStore(store);
    AdapterRegistry own = AdapterRegistry.open(faulty, AdapterLimits.defaults(), Clock.systemUTC());
    try (AdapterFollower follower = follower(own)) {
      there.delete(BIRDS, 0, "");
      faulty.failAt(FaultyStore.Step.READ, 1);
      assertThatThrownBy(follower::look)
          .isInstanceOf(TrimtabException.class)
          .hasMessage("The disk is away");
      assertThat(own.list("t")).hasSize(1);
      follower.look();
      await(() -> own.list("t").isEmpty());
    }
  }

  private AdapterFollower follower(AdapterRegistry registry) {
    return new AdapterFollower(
        engine, registry, Clock.systemUTC(), Duration.ofMillis(1), Duration.ofMillis(20));
  }

  private void activate(String contents) {
    add(contents, engine.model().digest());
    var _ = there.activate(BIRDS, Activation.of(there.get(BIRDS).lastRevision()));
  }

  private void add(String contents, String base) {
    try (BlobDraft draft = store.newBlob(100)) {
      draft.write(ByteBuffer.wrap(contents.getBytes(StandardCharsets.UTF_8)));
      String blob = draft.commit();
      try (BlobPin _ = there.pin(blob)) {
        var _ =
            there.add(
                BIRDS,
                new NewRevision(
                    blob,
                    RevisionState.STAGED,
                    "test",
                    8,
                    List.of("q_proj"),
                    16,
                    new RevisionFiles(blob, blob, contents.length()),
                    "",
                    "",
                    base,
                    1,
                    null));
      }
    }
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("Waited in vain");
      }
      LockSupport.parkNanos(5_000_000);
    }
  }
}
