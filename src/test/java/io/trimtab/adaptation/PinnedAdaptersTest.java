package io.trimtab.adaptation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.BlobPin;
import io.trimtab.adapter.NewRevision;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.RevisionFiles;
import io.trimtab.adapter.RevisionState;
import io.trimtab.store.BlobDraft;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.FakeEngine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is pinned is what is served, at every moment, and nothing else. */
class PinnedAdaptersTest {
  private static final AdapterId PINNED = new AdapterId("tenant", "pinned");
  private static final AdapterId OTHER = new AdapterId("tenant", "other");

  @TempDir private Path folder;
  private final FakeEngine engine = FakeEngine.silent();
  private FileObjectStore store;
  private AdapterRegistry registry;
  private PinnedAdapters pinned;

  @BeforeEach
  void open() {
    store = FileObjectStore.open(folder);
    registry = AdapterRegistry.open(store, AdapterLimits.defaults(), Clock.systemUTC());
    pinned = new PinnedAdapters(engine, registry, List.of(PINNED));
  }

  @AfterEach
  void close() {
    pinned.close();
    store.close();
    assertThat(engine.pins()).isEmpty();
  }

  @Test
  void whatIsServedAtTheStartIsPinned() {
    add(PINNED, "one");
    registry.activate(PINNED, Activation.of(1));
    add(OTHER, "two");
    registry.activate(OTHER, Activation.of(1));
    pinned.start();
    assertThat(engine.pins()).extracting(ResolvedRevision::digest).containsExactly(digest("one"));
  }

  @Test
  void thePinFollowsTheName() {
    pinned.start();
    assertThat(engine.pins()).isEmpty();
    add(PINNED, "one");
    add(PINNED, "two");
    registry.activate(PINNED, Activation.of(1));
    awaitPin("one", 1);
    registry.activate(PINNED, Activation.of(2));
    awaitPin("two", 1);
    registry.setScale(PINNED, 0, 0.5f, "");
    awaitPin("two", 0.5f);
    registry.rollback(PINNED, "");
    awaitPin("one", 1);
    registry.delete(PINNED, 0, "");
    await(() -> engine.pins().isEmpty());
  }

  private void awaitPin(String contents, float scale) {
    await(
        () ->
            engine.pins().size() == 1
                && engine.pins().getFirst().digest().equals(digest(contents))
                && engine.pins().getFirst().scale() == scale);
  }

  private interface Condition {
    boolean holds();
  }

  /** Events come on a thread of their own. */
  private void await(Condition condition) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("%s", engine.pins()).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private void add(AdapterId id, String contents) {
    try (BlobDraft draft = store.newBlob(100)) {
      draft.write(ByteBuffer.wrap(contents.getBytes(StandardCharsets.UTF_8)));
      String blob = draft.commit();
      try (BlobPin _ = registry.pin(blob)) {
        registry.add(
            id,
            new NewRevision(
                digest(contents),
                RevisionState.STAGED,
                "upload",
                8,
                List.of("q_proj"),
                1,
                new RevisionFiles(blob, blob, 3),
                "",
                "",
                engine.model().digest(),
                1,
                null));
      }
    }
  }

  private static String digest(String contents) {
    return "%064x".formatted(contents.hashCode() & 0xffffffffL);
  }
}
