package io.trimtab.engine.delta;

import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.RevisionSource;
import io.trimtab.adapter.RevisionSource.PeftFiles;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.tensor.DType;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The warm deltas: in host memory, in the arena's own form, least recently used out first. What is
 * not here is read from the store by a few threads of its own, so that neither the step loop nor
 * the reading of requests waits for it. A leased delta is never evicted; where leased ones fill the
 * memory, a load waits a while for one to be given back.
 *
 * <p>Safe for use by many threads; the monitor guards all that changes, what is in the entries
 * included.
 */
public final class HostDeltas implements AutoCloseable {
  private static final int LOADERS = 2;

  /** Requests give their leases back in this time, or the memory is held by what is pinned. */
  private static final Duration ROOM_WAIT_MAX = Duration.ofSeconds(30);

  private final RevisionSource revisions;
  private final PeftReader reader;
  private final DType dtype;
  private final OrtEnvironment environment;
  private final EmptyDeltas empty;
  private final long bytesMax;
  private final ExecutorService loaders =
      Executors.newFixedThreadPool(
          LOADERS, Thread.ofPlatform().name("trimtab-deltas-", 0).daemon().factory());

  /** In order of last use, the latest last. */
  private final Map<DeltaKey, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;
  private int leases;
  private long loads;
  private long evictions;

  /** Loads that have their room and write to it: what closing waits for. */
  private int layingOut;

  private boolean closed;

  /** A delta that is here, or on its way. */
  private static final class Entry {
    private @Nullable HostDelta delta;
    private int leases;

    /** Who waits, and by which revision it knows the delta. */
    private final Map<CompletableFuture<DeltaLease>, ResolvedRevision> waiting =
        new LinkedHashMap<>();
  }

  /**
   * What is in host memory and what was done for it.
   *
   * @param deltas that are here
   * @param bytes that they take
   * @param leases open now
   * @param loads from the store so far
   * @param evictions so far
   */
  public record Statistics(int deltas, long bytes, int leases, long loads, long evictions) {}

  /**
   * @param empty what a delta binds at sites that it leaves alone; closed after this
   * @param bytesMax most bytes of deltas in host memory
   */
  public HostDeltas(
      RevisionSource revisions,
      PeftReader reader,
      DType dtype,
      OrtEnvironment environment,
      EmptyDeltas empty,
      long bytesMax) {
    this.revisions = revisions;
    this.reader = reader;
    this.dtype = dtype;
    this.environment = environment;
    this.empty = empty;
    this.bytesMax = bytesMax;
  }

  /**
   * Leases a revision's delta: at once where it is warm, else when it has been loaded. Fails with a
   * TrimtabException where it can't be loaded; the next lease tries again. Cancelling the future
   * gives the lease back.
   */
  public CompletableFuture<DeltaLease> lease(ResolvedRevision revision) {
    if (revision.scale() == 0) {
      // Nothing of the delta is left: its rows are base's, and nothing need be read.
      return CompletableFuture.completedFuture(DeltaLease.ofBase());
    }
    DeltaKey key = new DeltaKey(revision.digest(), revision.scale());
    CompletableFuture<DeltaLease> future = new CompletableFuture<>();
    synchronized (this) {
      if (closed) {
        return CompletableFuture.failedFuture(stopping());
      }
      Entry entry = entries.get(key);
      if (entry != null && entry.delta != null) {
        return CompletableFuture.completedFuture(leased(entry, entry.delta));
      }
      if (entry == null) {
        Entry made = new Entry();
        entry = made;
        entries.put(key, made);
        loaders.execute(() -> load(key, made, revision));
      }
      entry.waiting.put(future, revision);
      forgetWhenOver(entry, future);
    }
    return future;
  }

  /** Who has gone is kept no longer: a load that hangs may outlast any number of them. */
  private void forgetWhenOver(Entry entry, CompletableFuture<DeltaLease> future) {
    var _ =
        future.whenComplete(
            (lease, failure) -> {
              if (failure != null) {
                forget(entry, future);
              }
            });
  }

  private synchronized void forget(Entry entry, CompletableFuture<DeltaLease> future) {
    entry.waiting.remove(future);
    notifyAll();
  }

  /** With the monitor held. */
  private DeltaLease leased(Entry entry, HostDelta delta) {
    entry.leases++;
    leases++;
    return DeltaLease.of(delta, () -> giveBack(entry));
  }

  private synchronized void giveBack(Entry entry) {
    entry.leases--;
    leases--;
    notifyAll();
  }

  private void load(DeltaKey key, Entry entry, ResolvedRevision revision) {
    if (abandoned(key, entry)) {
      return;
    }
    try (Arena arena = Arena.ofShared()) {
      PeftAdapter adapter = read(revision, arena);
      if (!adapter.digest().equals(key.digest())) {
        throw new TrimtabException(
            ErrorCode.INTERNAL,
            "The files of the adapter %s have the digest %s"
                .formatted(key.digest(), adapter.digest()));
      }
      if (makeRoom(key, entry, HostDelta.bytes(adapter, dtype))) {
        layOut(key, entry, adapter);
      }
    } catch (TrimtabException e) {
      failed(key, entry, revision, e);
    } catch (InterruptedException e) {
      failed(key, entry, revision, stopping());
    } catch (RuntimeException | Error e) {
      System.getLogger(HostDeltas.class.getName())
          .log(System.Logger.Level.ERROR, "The delta %s was not loaded".formatted(key.digest()), e);
      failed(
          key,
          entry,
          revision,
          // By its digest: whoever waits may have another name for it, or be another tenant.
          new TrimtabException(
              ErrorCode.INTERNAL, "The adapter %s could not be loaded".formatted(key.digest()), e));
    }
  }

  private PeftAdapter read(ResolvedRevision revision, Arena arena) {
    PeftFiles files = revisions.files(revision);
    try {
      return reader.read(files.config(), files.weights(), arena);
    } catch (TrimtabException e) {
      // They were sound when they came and a moment ago: where they have been deleted since, that
      // is the reason, and this says so.
      revisions.files(revision);
      throw e;
    }
  }

  /** Whether nobody waits any more; then the next lease begins anew. */
  private synchronized boolean abandoned(DeltaKey key, Entry entry) {
    return entry.waiting.isEmpty() && entries.remove(key, entry);
  }

  private void layOut(DeltaKey key, Entry entry, PeftAdapter adapter) {
    HostDelta delta;
    try {
      delta = new HostDelta(key, adapter, dtype, environment, empty);
    } catch (RuntimeException | Error e) {
      giveRoomBack(HostDelta.bytes(adapter, dtype));
      throw e;
    }
    arrived(entry, delta);
  }

  private synchronized void giveRoomBack(long reserved) {
    bytes -= reserved;
    layingOut--;
    notifyAll();
  }

  /**
   * Evicts what nobody leases, and waits for leases where that is not enough.
   *
   * @return false where that would be waiting for nobody; what there is room for is kept all the
   *     same, lest requests with little time find a slow store's delta cold each time
   */
  private synchronized boolean makeRoom(DeltaKey key, Entry entry, long needed)
      throws InterruptedException {
    requireFits(needed);
    long end = System.nanoTime() + ROOM_WAIT_MAX.toNanos();
    while (true) {
      if (closed) {
        throw stopping();
      }
      if (bytes + needed <= bytesMax) {
        bytes += needed;
        layingOut++;
        return true;
      }
      if (evictOne()) {
        continue;
      }
      if (abandoned(key, entry)) {
        return false;
      }
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new TrimtabException(
            ErrorCode.RESOURCE_EXHAUSTED,
            "No host memory for the adapter came free within %s: %d of %d bytes are in use by"
                    .formatted(ROOM_WAIT_MAX, bytes, bytesMax)
                + " requests and pinned adapters");
      }
      // Rounded up: wait(0) would wait for ever.
      wait(left / 1_000_000 + 1);
    }
  }

  private void requireFits(long needed) {
    if (needed > bytesMax) {
      throw new TrimtabException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "The adapter takes %d bytes of host memory, at most %d are set aside for all adapters"
              .formatted(needed, bytesMax));
    }
  }

  private boolean evictOne() {
    Iterator<Entry> eldest = entries.values().iterator();
    while (eldest.hasNext()) {
      if (evict(eldest.next())) {
        eldest.remove();
        return true;
      }
    }
    return false;
  }

  /** Frees what nobody leases; the caller holds the monitor and takes the entry out. */
  private boolean evict(Entry entry) {
    if (entry.delta == null || entry.leases > 0) {
      return false;
    }
    bytes -= entry.delta.bytes();
    evictions++;
    entry.delta.close();
    return true;
  }

  /**
   * Lets a revision's delta go before its turn, unless it is leased or on its way here.
   *
   * @return whether it is not here now
   */
  public synchronized boolean evict(ResolvedRevision revision) {
    DeltaKey key = new DeltaKey(revision.digest(), revision.scale());
    Entry entry = entries.get(key);
    if (entry == null) {
      return true;
    }
    boolean gone = evict(entry);
    if (gone) {
      entries.remove(key);
      notifyAll();
    }
    return gone;
  }

  private void arrived(Entry entry, HostDelta delta) {
    List<CompletableFuture<DeltaLease>> waiting;
    List<DeltaLease> given = new ArrayList<>();
    synchronized (this) {
      entry.delta = delta;
      loads++;
      layingOut--;
      waiting = List.copyOf(entry.waiting.keySet());
      entry.waiting.clear();
      waiting.forEach(_ -> given.add(leased(entry, delta)));
      notifyAll();
    }
    for (int i = 0; i < waiting.size(); i++) {
      if (!waiting.get(i).complete(given.get(i))) {
        given.get(i).close();
      }
    }
  }

  /**
   * Tells who waits by this revision. The same delta may have other files, another tenant's too:
   * whoever waits by those has them tried next.
   */
  private void failed(DeltaKey key, Entry entry, ResolvedRevision tried, TrimtabException reason) {
    List<CompletableFuture<DeltaLease>> told = new ArrayList<>();
    synchronized (this) {
      entry.waiting.forEach(
          (future, revision) -> {
            if (closed || revision.equals(tried)) {
              told.add(future);
            }
          });
      told.forEach(entry.waiting::remove);
      if (entry.waiting.isEmpty()) {
        entries.remove(key, entry);
      } else {
        ResolvedRevision next = entry.waiting.values().iterator().next();
        loaders.execute(() -> load(key, entry, next));
      }
    }
    told.forEach(future -> future.completeExceptionally(reason));
  }

  /** Lays a delta out that no revision names yet. It is the caller's alone, who closes it. */
  public HostDelta unregistered(PeftAdapter adapter, float scale) {
    requireFits(HostDelta.bytes(adapter, dtype));
    return new HostDelta(new DeltaKey(adapter.digest(), scale), adapter, dtype, environment, empty);
  }

  public synchronized Statistics statistics() {
    int here = 0;
    for (Entry entry : entries.values()) {
      here += entry.delta == null ? 0 : 1;
    }
    return new Statistics(here, bytes, leases, loads, evictions);
  }

  private static TrimtabException stopping() {
    return new TrimtabException(ErrorCode.UNAVAILABLE, "The server is stopping");
  }

  /**
   * Tells whoever waits that it is over, and frees every delta; nothing runs on them any more. A
   * load that hangs in the store is left to itself: it gets no room.
   */
  @Override
  public void close() {
    List<CompletableFuture<DeltaLease>> waiting = new ArrayList<>();
    synchronized (this) {
      closed = true;
      entries.values().forEach(entry -> waiting.addAll(entry.waiting.keySet()));
      notifyAll();
    }
    waiting.forEach(future -> future.completeExceptionally(stopping()));
    loaders.shutdownNow();
    synchronized (this) {
      awaitLaidOut();
      for (Entry entry : entries.values()) {
        if (entry.delta != null) {
          entry.delta.close();
        }
      }
      entries.clear();
      bytes = 0;
    }
  }

  /** As long as it takes to transpose two adapters. */
  private void awaitLaidOut() {
    boolean interrupted = false;
    while (layingOut > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
