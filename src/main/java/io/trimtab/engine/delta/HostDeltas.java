package io.trimtab.engine.delta;

import io.trimtab.adapter.PeftAdapter;
import io.trimtab.adapter.PeftReader;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.RevisionSource;
import io.trimtab.adapter.RevisionSource.PeftFiles;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.tensor.DType;
import java.lang.foreign.Arena;
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
 * memory, a load waits for one to be given back.
 *
 * <p>Safe for use by many threads; the monitor guards entries and byte count.
 */
public final class HostDeltas implements AutoCloseable {
  private static final int LOADERS = 2;

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
  private boolean closed;

  /** A delta that is here, or on its way. */
  private static final class Entry {
    private @Nullable HostDelta delta;
    private int leases;
    private final List<CompletableFuture<DeltaLease>> waiting = new ArrayList<>();
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
        entry = new Entry();
        entries.put(key, entry);
        loaders.execute(() -> load(key, revision));
      }
      entry.waiting.add(future);
    }
    return future;
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

  private void load(DeltaKey key, ResolvedRevision revision) {
    try (Arena arena = Arena.ofShared()) {
      PeftFiles files = revisions.files(revision);
      PeftAdapter adapter = reader.read(files.config(), files.weights(), arena);
      if (!adapter.digest().equals(key.digest())) {
        throw new TrimtabException(
            ErrorCode.INTERNAL,
            "The files of %s@%d have the digest %s, expected %s"
                .formatted(
                    revision.id().name(), revision.revision(), adapter.digest(), key.digest()));
      }
      arrived(key, laidOut(key, adapter));
    } catch (TrimtabException e) {
      failed(key, e);
    } catch (InterruptedException e) {
      failed(key, stopping());
    } catch (RuntimeException | Error e) {
      System.getLogger(HostDeltas.class.getName())
          .log(System.Logger.Level.ERROR, "The delta %s was not loaded".formatted(key.digest()), e);
      failed(
          key,
          new TrimtabException(
              ErrorCode.INTERNAL,
              "The adapter %s@%d could not be loaded"
                  .formatted(revision.id().name(), revision.revision()),
              e));
    }
  }

  private HostDelta laidOut(DeltaKey key, PeftAdapter adapter) throws InterruptedException {
    long needed = HostDelta.bytes(adapter, dtype);
    makeRoom(needed);
    try {
      return new HostDelta(key, adapter, dtype, environment, empty);
    } catch (RuntimeException | Error e) {
      giveRoomBack(needed);
      throw e;
    }
  }

  private synchronized void giveRoomBack(long reserved) {
    bytes -= reserved;
    notifyAll();
  }

  /** Evicts what nobody leases, and waits for leases where that is not enough. */
  private synchronized void makeRoom(long needed) throws InterruptedException {
    if (needed > bytesMax) {
      throw new TrimtabException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "The adapter takes %d bytes of host memory, at most %d are set aside for all adapters"
              .formatted(needed, bytesMax));
    }
    while (bytes + needed > bytesMax) {
      if (closed) {
        throw stopping();
      }
      if (!evictOne()) {
        wait();
      }
    }
    bytes += needed;
  }

  private boolean evictOne() {
    Iterator<Entry> eldest = entries.values().iterator();
    while (eldest.hasNext()) {
      Entry entry = eldest.next();
      if (entry.delta != null && entry.leases == 0) {
        eldest.remove();
        bytes -= entry.delta.bytes();
        evictions++;
        entry.delta.close();
        return true;
      }
    }
    return false;
  }

  private void arrived(DeltaKey key, HostDelta delta) {
    List<CompletableFuture<DeltaLease>> waiting;
    List<DeltaLease> given = new ArrayList<>();
    synchronized (this) {
      Entry entry = entries.get(key);
      if (entry == null) {
        throw new IllegalStateException("A delta was loaded that nobody waits for: " + key);
      }
      entry.delta = delta;
      loads++;
      waiting = List.copyOf(entry.waiting);
      entry.waiting.clear();
      waiting.forEach(_ -> given.add(leased(entry, delta)));
    }
    for (int i = 0; i < waiting.size(); i++) {
      if (!waiting.get(i).complete(given.get(i))) {
        given.get(i).close();
      }
    }
  }

  private void failed(DeltaKey key, TrimtabException reason) {
    List<CompletableFuture<DeltaLease>> waiting;
    synchronized (this) {
      Entry entry = entries.remove(key);
      waiting = entry == null ? List.of() : List.copyOf(entry.waiting);
    }
    waiting.forEach(future -> future.completeExceptionally(reason));
  }

  /** Lays a delta out that no revision names yet. It is the caller's alone, who closes it. */
  public HostDelta unregistered(PeftAdapter adapter) {
    return new HostDelta(new DeltaKey(adapter.digest(), 1), adapter, dtype, environment, empty);
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

  /** Ends the loads under way and frees every delta; nothing runs on them any more. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    loaders.shutdownNow();
    loaders.close();
    synchronized (this) {
      entries.values().stream().filter(entry -> entry.delta != null).forEach(HostDeltas::closeNow);
      entries.clear();
    }
  }

  private static void closeNow(Entry entry) {
    HostDelta delta = entry.delta;
    if (delta != null) {
      delta.close();
    }
  }
}
