package io.trimtab.adaptation;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.BlobDraft;
import io.trimtab.store.LineName;
import io.trimtab.store.ObjectStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A store that does something else first, or in place of, its next call of a kind. Any thread. */
public final class FaultyStore implements ObjectStore {
  /** The calls, and the moment after a version is written. */
  public enum Step {
    NEW_BLOB,
    BLOB,
    HAS_BLOB,
    DELETE_BLOB,
    PUT,
    AFTER_PUT,
    READ,
    LATEST,
    DELETE_LINE,
    LINES
  }

  private final ObjectStore store;
  private final Map<Step, Runnable> faults = new EnumMap<>(Step.class);
  private final List<Step> calls = new ArrayList<>();
  private final Map<String, Integer> reads = new HashMap<>();

  public FaultyStore(ObjectStore store) {
    this.store = store;
  }

  /** Runs once, at the next call of that kind; what it throws is what the call throws. */
  public synchronized void atNext(Step step, Runnable fault) {
    faults.put(step, fault);
  }

  /** Fails the n-th call of that kind from now on, from 1, as a disk that is away for a moment. */
  public void failAt(Step step, int number) {
    atNext(
        step,
        () -> {
          if (number > 1) {
            failAt(step, number - 1);
            return;
          }
          throw new TrimtabException(ErrorCode.UNAVAILABLE, "The disk is away");
        });
  }

  /** Whether what was ordered for the next call of that kind has not happened yet. */
  public synchronized boolean isArmed(Step step) {
    return faults.containsKey(step);
  }

  /** The calls since the last time this was asked. */
  synchronized List<Step> calls() {
    List<Step> made = List.copyOf(calls);
    calls.clear();
    return made;
  }

  /** How many versions of lines of a kind have been read. */
  public synchronized int reads(String kind) {
    return reads.getOrDefault(kind, 0);
  }

  private synchronized void countRead(String kind) {
    reads.merge(kind, 1, Integer::sum);
  }

  private void reached(Step step) {
    Runnable fault = taken(step);
    if (fault != null) {
      fault.run();
    }
  }

  private synchronized @Nullable Runnable taken(Step step) {
    calls.add(step);
    return faults.remove(step);
  }

  @Override
  public BlobDraft newBlob(long bytesMax) {
    reached(Step.NEW_BLOB);
    return store.newBlob(bytesMax);
  }

  @Override
  public Path blob(String sha256) {
    reached(Step.BLOB);
    return store.blob(sha256);
  }

  @Override
  public boolean hasBlob(String sha256) {
    reached(Step.HAS_BLOB);
    return store.hasBlob(sha256);
  }

  @Override
  public void deleteBlob(String sha256) {
    reached(Step.DELETE_BLOB);
    store.deleteBlob(sha256);
  }

  @Override
  public boolean putIfAbsent(LineName line, long version, byte[] contents) {
    reached(Step.PUT);
    boolean written = store.putIfAbsent(line, version, contents);
    reached(Step.AFTER_PUT);
    return written;
  }

  @Override
  public Optional<byte[]> read(LineName line, long version) {
    reached(Step.READ);
    countRead(line.kind());
    return store.read(line, version);
  }

  @Override
  public long latest(LineName line) {
    reached(Step.LATEST);
    return store.latest(line);
  }

  @Override
  public void deleteLine(LineName line) {
    reached(Step.DELETE_LINE);
    store.deleteLine(line);
  }

  @Override
  public List<LineName> lines(String kind) {
    reached(Step.LINES);
    return store.lines(kind);
  }
}
