package io.trimtab.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.ObjectStore;
import io.trimtab.store.UnsyncedStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class AdapterWatchTest {
  private static final AdapterId HELPER = new AdapterId("acme", "helper");

  @TempDir private Path root;
  private ObjectStore store;
  private AdapterRegistry registry;

  @BeforeEach
  void open() {
    store = UnsyncedStore.open(root);
    registry = opened();
  }

  @Test
  void eventsComeInTheOrderOfVersionsAndToTheTenantAlone() throws InterruptedException {
    Recording mine = new Recording();
    Recording theirs = new Recording();
    registry.watch("acme", 1_000, mine);
    registry.watch("globex", 1_000, theirs);
    registry.add(HELPER, Revisions.stored(store, "one"));
    for (int i = 0; i < 100; i++) {
      registry.activate(HELPER, Activation.of(1));
      registry.rollback(HELPER, "");
    }
    registry.delete(HELPER, 0, "bye");
    registry.create(new AdapterId("globex", "last"));
    for (long version = 1; version <= 202; version++) {
      AdapterEvent event = mine.next();
      assertThat(event.snapshot().version()).isEqualTo(version);
      assertThat(event.change()).isEqualTo(event.snapshot().change());
    }
    assertThat(mine.events).isEmpty();
    assertThat(theirs.next().snapshot().id().name()).isEqualTo("last");
    assertThat(theirs.events).isEmpty();
  }

  @Test
  void changesOfAnotherRegistryComeOneByOneWithTheRefresh() throws InterruptedException {
    registry.create(HELPER);
    AdapterRegistry other = opened();
    Recording seen = new Recording();
    other.watch("acme", 10, seen);
    registry.add(HELPER, Revisions.stored(store, "one"));
    registry.activate(HELPER, Activation.of(1));
    other.refresh(HELPER);
    assertThat(seen.next().change().kind()).isEqualTo(AdapterSnapshot.Kind.UPLOADED);
    assertThat(seen.next().change().kind()).isEqualTo(AdapterSnapshot.Kind.ACTIVATED);
  }

  @Test
  void aSlowListenerHoldsUpNobodyAndIsDropped() throws InterruptedException {
    CountDownLatch go = new CountDownLatch(1);
    Recording slow = new Recording(go);
    Recording quick = new Recording();
    registry.watch("acme", 3, slow);
    registry.watch("acme", 100, quick);
    registry.add(HELPER, Revisions.stored(store, "one"));
    slow.entered.await();
    for (int i = 0; i < 5; i++) {
      registry.activate(HELPER, Activation.of(1));
      registry.rollback(HELPER, "");
    }
    for (int i = 0; i < 11; i++) {
      quick.next();
    }
    go.countDown();
    TrimtabException end = slow.end();
    assertThat(end.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(end)
        .hasMessage(
            "More than 3 events waited to be read: watch again, and read anew what they are about");
    List<Long> versions = new ArrayList<>();
    slow.events.forEach(each -> versions.add(each.snapshot().version()));
    assertThat(versions).containsExactly(1L, 2L, 3L, 4L);
    registry.rollback(registry.activate(HELPER, Activation.of(1)).id(), "");
    assertThat(slow.events).hasSize(4);
  }

  @Test
  void nothingComesAfterClose() throws InterruptedException {
    CountDownLatch go = new CountDownLatch(1);
    Recording closed = new Recording(go);
    Recording other = new Recording();
    Subscription<AdapterEvent> subscription = registry.watch("acme", 10, closed);
    registry.watch("acme", 10, other);
    registry.create(HELPER);
    closed.entered.await();
    registry.create(new AdapterId("acme", "second"));
    subscription.close();
    subscription.close();
    registry.create(new AdapterId("acme", "third"));
    go.countDown();
    for (int i = 0; i < 3; i++) {
      other.next();
    }
    assertThat(closed.next().snapshot().id()).isEqualTo(HELPER);
    assertThat(closed.events).isEmpty();
    assertThat(closed.ends).isEmpty();
  }

  @Test
  void aListenerThatThrowsIsDroppedAlone() throws InterruptedException {
    CountDownLatch thrown = new CountDownLatch(1);
    registry.watch(
        "acme",
        10,
        new Subscriber<AdapterEvent>() {
          @Override
          public void changed(AdapterEvent event) {
            thrown.countDown();
            throw new IllegalStateException("of a listener");
          }

          @Override
          public void ended(TrimtabException reason) {}
        });
    Recording other = new Recording();
    registry.watch("acme", 10, other);
    registry.create(HELPER);
    thrown.await();
    registry.create(new AdapterId("acme", "second"));
    other.next();
    assertThat(other.next().snapshot().id().name()).isEqualTo("second");
  }

  private AdapterRegistry opened() {
    return AdapterRegistry.open(
        UnsyncedStore.open(root), AdapterLimits.defaults(), Clock.systemUTC());
  }

  /** What a listener was told; it can be made to wait in its first call. */
  private static final class Recording implements Subscriber<AdapterEvent> {
    private final BlockingQueue<AdapterEvent> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<TrimtabException> ends = new LinkedBlockingQueue<>();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch go;

    Recording() {
      this(new CountDownLatch(0));
    }

    Recording(CountDownLatch go) {
      this.go = go;
    }

    @Override
    public void changed(AdapterEvent event) {
      entered.countDown();
      try {
        go.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      events.add(event);
    }

    @Override
    public void ended(TrimtabException reason) {
      ends.add(reason);
    }

    AdapterEvent next() throws InterruptedException {
      return taken(events.poll(60, TimeUnit.SECONDS));
    }

    TrimtabException end() throws InterruptedException {
      return taken(ends.poll(60, TimeUnit.SECONDS));
    }

    private static <T> T taken(@Nullable T value) {
      return Objects.requireNonNull(value, "Nothing came");
    }
  }
}
