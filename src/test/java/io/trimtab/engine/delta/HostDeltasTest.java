package io.trimtab.engine.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterSelector;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.RevisionSource;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.engine.FolderRevisions;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.graph.Projection;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.testing.PeftFolder;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deltas in host memory, read from real folders; no model runs. */
class HostDeltasTest {
  private static final String CHECKPOINT = "models/dinghy-llava";

  /** Six layers of q_proj, 192 wide both ways, rank 8, float32. */
  private static final long UNIT = 6 * 8 * (192 + 192) * 4;

  private static final int FIRST_Q = DeltaSite.index(0, Projection.Q);

  @TempDir static Path folders;
  private static FolderRevisions revisions;
  private static OrtEnvironment environment;
  private static EmptyDeltas empty;

  private final HangingStore store = new HangingStore();
  private final List<HostDeltas> open = new ArrayList<>();

  /** Folders, with a hook before each is read. */
  private static final class HangingStore implements RevisionSource {
    /** Names whose files were asked for, in order. */
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();

    private final Map<String, Runnable> before = new ConcurrentHashMap<>();

    @Override
    public Optional<ResolvedRevision> resolve(
        String tenant, AdapterSelector selector, String requestId) {
      return revisions.resolve(tenant, selector, requestId);
    }

    @Override
    public PeftFiles files(ResolvedRevision revision) {
      String name = revision.id().name();
      asked.add(name);
      before.getOrDefault(name, () -> {}).run();
      return revisions.files(revision);
    }
  }

  @BeforeAll
  static void makeAdapters() throws Exception {
    revisions = new FolderRevisions(CHECKPOINT);
    environment = OrtEnvironment.open();
    empty = new EmptyDeltas(environment, revisions.config().text(), DType.F32);
    for (int i = 0; i < 10; i++) {
      revisions.put("a" + i, adapter("a" + i, 8, i));
    }
  }

  private static PeftFolder adapter(String name, int rank, long seed) {
    return PeftFolder.random(
        revisions.config(), folders.resolve(name), seed, rank, Set.of("q_proj"), 0.1f);
  }

  @AfterAll
  static void closeAll() {
    empty.close();
    environment.close();
  }

  @AfterEach
  void nothingIsLeasedInTheEnd() {
    for (HostDeltas deltas : open) {
      awaitNoLease(deltas);
      deltas.close();
    }
  }

  /** A loader gives back what came as its taker went, a moment after that one was told. */
  private static void awaitNoLease(HostDeltas deltas) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (deltas.statistics().leases() > 0 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(deltas.statistics().leases()).isZero();
  }

  @Test
  void theLeastRecentlyUsedGoesFirst() throws Exception {
    HostDeltas deltas = deltas(3 * UNIT);
    for (String name : List.of("a0", "a1", "a2", "a0", "a3", "a0", "a1")) {
      get(deltas, name).close();
    }
    assertThat(store.asked).containsExactly("a0", "a1", "a2", "a3", "a1");
    assertThat(deltas.statistics()).isEqualTo(new HostDeltas.Statistics(3, 3 * UNIT, 0, 5, 2));
  }

  @Test
  void whatIsLetGoIsReadAgainAndWhatIsLeasedStays() throws Exception {
    HostDeltas deltas = deltas(2 * UNIT);
    get(deltas, "a0").close();
    DeltaLease leased = get(deltas, "a1");
    assertThat(deltas.evict(revisions.get("a0"))).isTrue();
    assertThat(deltas.evict(revisions.get("a1"))).isFalse();
    assertThat(deltas.evict(revisions.get("a2"))).as("not there").isTrue();
    assertThat(deltas.statistics()).isEqualTo(new HostDeltas.Statistics(1, UNIT, 1, 2, 1));
    assertThat(value(leased)).isEqualTo(valueOf("a1"));
    leased.close();
    try (DeltaLease again = get(deltas, "a0")) {
      assertThat(value(again)).isEqualTo(valueOf("a0"));
    }
    assertThat(store.asked).containsExactly("a0", "a1", "a0");
  }

  @Test
  void whatIsOnItsWayIsNotLetGo() throws Exception {
    HostDeltas deltas = deltas(2 * UNIT);
    CountDownLatch go = new CountDownLatch(1);
    store.before.put("a0", () -> awaitUnmoved(go));
    CompletableFuture<DeltaLease> coming = deltas.lease(revisions.get("a0"));
    assertThat(deltas.evict(revisions.get("a0"))).isFalse();
    go.countDown();
    DeltaLease lease = coming.get(60, TimeUnit.SECONDS);
    assertThat(value(lease)).isEqualTo(valueOf("a0"));
    lease.close();
  }

  @Test
  void whatIsLeasedStaysAndALoadWaitsUntilThereIsRoom() throws Exception {
    HostDeltas deltas = deltas(2 * UNIT);
    DeltaLease first = get(deltas, "a0");
    DeltaLease second = get(deltas, "a1");
    CompletableFuture<DeltaLease> third = deltas.lease(revisions.get("a2"));
    CompletableFuture<DeltaLease> fourth = deltas.lease(revisions.get("a3"));
    // Warm ones are served all the same.
    get(deltas, "a1").close();
    assertThat(third.isDone() || fourth.isDone()).isFalse();
    second.close();
    DeltaLease next = (DeltaLease) CompletableFuture.anyOf(third, fourth).get(60, TimeUnit.SECONDS);
    assertThat(value(first)).isEqualTo(valueOf("a0"));
    assertThat(third.isDone() && fourth.isDone()).isFalse();
    first.close();
    CompletableFuture.allOf(third, fourth).get(60, TimeUnit.SECONDS);
    assertThat(value(third.join())).isEqualTo(valueOf("a2"));
    assertThat(value(fourth.join())).isEqualTo(valueOf("a3"));
    next.close();
    third.join().close();
    fourth.join().close();
  }

  @Test
  void anAdapterLargerThanTheMemoryIsRefusedWithBothNumbers() throws Exception {
    HostDeltas deltas = deltas(2 * UNIT);
    get(deltas, "a0").close();
    revisions.put("large", adapter("large", 17, 99));
    TrimtabException refusal = failure(deltas.lease(revisions.get("large")));
    assertThat(refusal.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(refusal)
        .hasMessage(
            "The adapter takes %d bytes of host memory, at most %d are set aside for all adapters"
                .formatted(3 * UNIT, 2 * UNIT));
    // Nothing was thrown out for it.
    get(deltas, "a0").close();
    assertThat(store.asked).containsExactly("a0", "large");
  }

  @Test
  void aFailedLoadIsToldToEveryWaiterAndTriedAgain() throws Exception {
    HostDeltas deltas = deltas(3 * UNIT);
    CountDownLatch asked = new CountDownLatch(1);
    store.before.put(
        "a0",
        () -> {
          awaitUnmoved(asked);
          throw new IllegalStateException("as if the disk had failed");
        });
    List<CompletableFuture<DeltaLease>> waiting = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      waiting.add(deltas.lease(revisions.get("a0")));
    }
    asked.countDown();
    for (CompletableFuture<DeltaLease> each : waiting) {
      assertThat(failure(each).code()).isEqualTo(ErrorCode.INTERNAL);
    }
    store.before.clear();
    DeltaLease lease = get(deltas, "a0");
    assertThat(value(lease)).isEqualTo(valueOf("a0"));
    lease.close();
    assertThat(deltas.statistics()).isEqualTo(new HostDeltas.Statistics(1, UNIT, 0, 1, 0));
  }

  /** Whoever waits may be another tenant, with the same weights under another name. */
  @Test
  void aFailedLoadNamesTheDigestAndNobodysAdapter() throws Exception {
    HostDeltas deltas = deltas(3 * UNIT);
    PeftFolder folder = adapter("secret-name", 8, 77);
    String digest = revisions.put("secret-name", folder);
    adapter("secret-name", 8, 78);
    TrimtabException refusal = failure(deltas.lease(revisions.get("secret-name")));
    assertThat(refusal.code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(refusal)
        .hasMessageStartingWith("The files of the adapter " + digest + " have the digest ")
        .hasMessageNotContaining("secret-name");
    Files.delete(folder.weights());
    assertThat(failure(deltas.lease(revisions.get("secret-name"))))
        .hasMessageNotContaining("secret-name");
    assertThat(deltas.statistics().bytes()).isZero();
    adapter("secret-name", 8, 77);
    get(deltas, "secret-name").close();
  }

  @Test
  void theSameWeightsUnderTwoNamesAreOneDelta() throws Exception {
    HostDeltas deltas = deltas(3 * UNIT);
    revisions.put("twin", adapter("twin", 8, 0));
    try (DeltaLease one = get(deltas, "a0");
        DeltaLease other = get(deltas, "twin")) {
      assertThat(other.delta()).isSameAs(one.delta());
      assertThat(deltas.statistics()).isEqualTo(new HostDeltas.Statistics(1, UNIT, 2, 1, 0));
    }
  }

  @Test
  void anotherScaleIsAnotherDeltaAndScaleZeroIsNone() throws Exception {
    HostDeltas deltas = deltas(3 * UNIT);
    revisions.put("damped", adapter("damped", 8, 0), 0.5f);
    revisions.put("silent", adapter("silent", 8, 0), 0);
    try (DeltaLease whole = get(deltas, "a0");
        DeltaLease half = get(deltas, "damped");
        DeltaLease none = get(deltas, "silent")) {
      assertThat(none.delta()).isNull();
      assertThat(value(half)).isEqualTo(value(whole) / 2);
      assertThat(deltas.statistics().deltas()).isEqualTo(2);
    }
    assertThat(store.asked).containsExactly("a0", "damped");
  }

  @Test
  void aCancelledLeaseIsGivenBackThoughTheLoadHangs() throws Exception {
    HostDeltas deltas = deltas(3 * UNIT);
    CountDownLatch hanging = new CountDownLatch(1);
    store.before.put("a0", () -> awaitUnmoved(hanging));
    CompletableFuture<DeltaLease> gone = deltas.lease(revisions.get("a0"));
    CompletableFuture<DeltaLease> late =
        deltas.lease(revisions.get("a0")).orTimeout(1, TimeUnit.MILLISECONDS);
    CompletableFuture<DeltaLease> stays = deltas.lease(revisions.get("a0"));
    gone.cancel(false);
    assertThat(catchThrowable(() -> late.get(60, TimeUnit.SECONDS)))
        .hasCauseInstanceOf(TimeoutException.class);
    // Another adapter passes.
    get(deltas, "a1").close();
    hanging.countDown();
    DeltaLease lease = stays.get(60, TimeUnit.SECONDS);
    assertThat(deltas.statistics().leases()).isEqualTo(1);
    lease.close();
  }

  @Test
  void aLoadThatNobodyWaitsForAnyMoreIsNotBegun() throws Exception {
    HostDeltas deltas = deltas(3 * UNIT);
    CountDownLatch hanging = new CountDownLatch(1);
    store.before.put("a0", () -> awaitUnmoved(hanging));
    store.before.put("a1", () -> awaitUnmoved(hanging));
    CompletableFuture<DeltaLease> first = deltas.lease(revisions.get("a0"));
    CompletableFuture<DeltaLease> second = deltas.lease(revisions.get("a1"));
    for (int i = 2; i < 10; i++) {
      deltas.lease(revisions.get("a" + i)).cancel(false);
    }
    CompletableFuture<DeltaLease> last = deltas.lease(revisions.get("a9"));
    hanging.countDown();
    first.get(60, TimeUnit.SECONDS).close();
    second.get(60, TimeUnit.SECONDS).close();
    last.get(60, TimeUnit.SECONDS).close();
    assertThat(store.asked).containsExactlyInAnyOrder("a0", "a1", "a9");
  }

  @Test
  void aLoadThatWaitsForRoomGivesUpWithItsLastWaiter() throws Exception {
    HostDeltas deltas = deltas(UNIT);
    DeltaLease all = get(deltas, "a0");
    CompletableFuture<DeltaLease> first = deltas.lease(revisions.get("a1"));
    CompletableFuture<DeltaLease> second = deltas.lease(revisions.get("a2"));
    first.cancel(false);
    second.cancel(false);
    // Both threads are free again, though there still is no room.
    store.before.put(
        "a3",
        () -> {
          throw TrimtabException.invalid("reached");
        });
    assertThat(failure(deltas.lease(revisions.get("a3")))).hasMessage("reached");
    all.close();
    get(deltas, "a1").close();
  }

  @Test
  void closingEndsWhoeverWaitsThoughLoadsHang() throws Exception {
    HostDeltas deltas = deltas(3 * UNIT);
    CountDownLatch hanging = new CountDownLatch(1);
    Semaphore begun = new Semaphore(0);
    List<CompletableFuture<DeltaLease>> waiting = new ArrayList<>();
    for (String name : List.of("a0", "a1", "a2", "a3")) {
      store.before.put(
          name,
          () -> {
            begun.release();
            awaitUnmoved(hanging);
          });
      waiting.add(deltas.lease(revisions.get(name)));
    }
    assertThat(begun.tryAcquire(2, 60, TimeUnit.SECONDS)).isTrue();
    deltas.close();
    for (CompletableFuture<DeltaLease> each : waiting) {
      assertThat(failure(each).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    }
    hanging.countDown();
    assertThat(failure(deltas.lease(revisions.get("a4"))).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(deltas.statistics()).isEqualTo(new HostDeltas.Statistics(0, 0, 0, 0, 0));
  }

  @Test
  void closingEndsALoadThatWaitsForRoom() throws Exception {
    HostDeltas deltas = deltas(UNIT);
    DeltaLease all = get(deltas, "a0");
    CompletableFuture<DeltaLease> waiting = deltas.lease(revisions.get("a1"));
    deltas.close();
    assertThat(failure(waiting).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    all.close();
  }

  /** Leases, cancels, failures and evictions at the same time: nothing is lost or mixed up. */
  @Test
  void underStressEveryLeaseIsItsOwnAndComesBack() throws Exception {
    long seed = 20260602;
    HostDeltas deltas = deltas(4 * UNIT);
    Random failures = new Random(seed);
    for (int i = 0; i < 10; i++) {
      store.before.put(
          "a" + i,
          () -> {
            if (failures.nextInt(10) == 0) {
              throw TrimtabException.invalid("now and then");
            }
          });
    }
    List<Float> values = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      values.add(valueOf("a" + i));
    }
    try (ExecutorService tenants = Executors.newFixedThreadPool(8)) {
      List<Future<?>> done = new ArrayList<>();
      for (int tenant = 0; tenant < 8; tenant++) {
        Random random = new Random(seed + tenant);
        done.add(
            tenants.submit(
                () -> {
                  for (int i = 0; i < 300; i++) {
                    useOne(deltas, random, values);
                  }
                  return null;
                }));
      }
      for (Future<?> each : done) {
        try {
          each.get(120, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
          throw new AssertionError("seed " + seed, e);
        }
      }
    }
    HostDeltas.Statistics end = deltas.statistics();
    assertThat(end.evictions()).as("seed %d", seed).isGreaterThan(10);
    assertThat(end.bytes()).isEqualTo(end.deltas() * UNIT);
  }

  private static void useOne(HostDeltas deltas, Random random, List<Float> values)
      throws Exception {
    // Popular ones more often, so that some stay warm.
    int which = Math.min(random.nextInt(10), random.nextInt(10));
    CompletableFuture<DeltaLease> future = deltas.lease(revisions.get("a" + which));
    if (random.nextInt(5) == 0) {
      future.cancel(false);
    }
    try (DeltaLease lease = future.get(60, TimeUnit.SECONDS)) {
      assertThat(value(lease)).isEqualTo(values.get(which));
      HostDeltas.Statistics now = deltas.statistics();
      assertThat(now.bytes()).isBetween(UNIT, 4 * UNIT);
      // Each tenant's, and what the two loaders are about to give back for takers that have gone.
      assertThat(now.leases()).isBetween(1, 8 + 2 * 8);
      assertThat(value(lease)).isEqualTo(values.get(which));
    } catch (ExecutionException e) {
      assertThat(e).hasRootCauseMessage("now and then");
    } catch (CancellationException e) {
      assertThat(future.isCancelled()).isTrue();
    }
  }

  private HostDeltas deltas(long bytesMax) {
    HostDeltas deltas =
        new HostDeltas(
            store,
            new PeftReader(revisions.config(), AdapterLimits.defaults()),
            DType.F32,
            environment,
            empty,
            bytesMax);
    open.add(deltas);
    return deltas;
  }

  private static DeltaLease get(HostDeltas deltas, String name) throws Exception {
    return deltas.lease(revisions.get(name)).get(60, TimeUnit.SECONDS);
  }

  private static TrimtabException failure(CompletableFuture<DeltaLease> future) throws Exception {
    try {
      throw new AssertionError("A lease came: " + future.get(60, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TrimtabException refusal) {
        return refusal;
      }
      throw e;
    }
  }

  /** A number of b that tells adapters apart. */
  private static float value(DeltaLease lease) {
    HostDelta delta = lease.delta();
    if (delta == null) {
      throw new AssertionError("A lease of base");
    }
    return Floats.get(delta.b(FIRST_Q).tensor().data(), DType.F32, 0);
  }

  /** The same from the folder: PEFT's first of lora_B, alpha being twice the rank. */
  private static float valueOf(String name) {
    byte[] data =
        new PeftFolder(folders.resolve(name))
            .readWeights()
            .entry("base_model.model.model.language_model.layers.0.self_attn.q_proj.lora_B.weight")
            .data();
    return 2 * Floats.get(MemorySegment.ofArray(data), DType.F32, 0);
  }

  /** Waits whatever interrupts come, as a read from a dead mount does. */
  private static void awaitUnmoved(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        if (!latch.await(120, TimeUnit.SECONDS)) {
          throw new AssertionError("Nobody let this go on");
        }
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
