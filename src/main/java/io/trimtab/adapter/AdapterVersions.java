package io.trimtab.adapter;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.LineName;
import io.trimtab.store.ObjectStore;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one writer of adapters' versions in this process: store first, then memory, then watchers.
 * Whoever is second to write a version reads the first one's and decides anew. Safe for use by many
 * threads; all calls wait for each other and for the disk.
 */
final class AdapterVersions {
  private static final System.Logger LOG = System.getLogger(AdapterVersions.class.getName());

  /** Each lost attempt is a change that somebody else made. */
  private static final int ATTEMPTS_MAX = 100;

  private final AdapterLines lines;
  private final ServedAdapters served;
  private final AdapterWatchers watchers;

  /** Guards changes of the store, of {@code served}, and all below. */
  private final ReentrantLock writing = new ReentrantLock();

  /** Of every line that can be read, those of deleted adapters among them. */
  private final Map<LineName, AdapterSnapshot> newest = new HashMap<>();

  private final Set<LineName> unreadable = new HashSet<>();

  private final LastDeletions deletions;

  /** From one version, or none, to the next; the same for no change. */
  interface Transition {
    AdapterSnapshot apply(@Nullable AdapterSnapshot now);
  }

  AdapterVersions(ObjectStore store, ServedAdapters served, AdapterWatchers watchers) {
    this.lines = new AdapterLines(store);
    this.deletions = new LastDeletions(lines);
    this.served = served;
    this.watchers = watchers;
  }

  /** Reads every line. One that cannot be read is logged and served to nobody. */
  void readAll() {
    writing.lock();
    try {
      for (LineName line : lines.all()) {
        try {
          lines.newest(line).ifPresent(snapshot -> newest.put(line, snapshot));
        } catch (UnreadableVersion | TrimtabException e) {
          logUnreadable(line, e);
        }
      }
      served.takeAll(newest.values());
    } finally {
      writing.unlock();
    }
  }

  /**
   * Writes the next version, decided anew as often as another writer was first.
   *
   * @throws TrimtabException what the transition throws; UNAVAILABLE when others keep being first;
   *     INTERNAL where the line cannot be read
   */
  AdapterSnapshot change(AdapterId id, Transition transition) {
    writing.lock();
    try {
      for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        AdapterSnapshot now = catchUp(id);
        AdapterSnapshot next = transition.apply(now);
        if (next == now) {
          return next;
        }
        if (lines.append(next)) {
          take(AdapterLines.line(id), next);
          return next;
        }
      }
      throw new TrimtabException(
          ErrorCode.UNAVAILABLE,
          "The adapter '%s' is being changed by others: try again".formatted(id.name()));
    } finally {
      writing.unlock();
    }
  }

  /** The newest version, also one that another process has written; null where there is none. */
  @Nullable AdapterSnapshot refresh(AdapterId id) {
    writing.lock();
    try {
      return catchUp(id);
    } finally {
      writing.unlock();
    }
  }

  /** When a name was deleted last, also by another process; empty for never. Takes nothing. */
  Optional<Instant> lastDeleted(AdapterId id) {
    writing.lock();
    try {
      return stored(id).flatMap(deletions::upTo);
    } finally {
      writing.unlock();
    }
  }

  /** The newest version in the store, which is not taken: what is served stays as it is. */
  Optional<AdapterSnapshot> stored(AdapterId id) {
    writing.lock();
    try {
      LineName line = AdapterLines.line(id);
      AdapterSnapshot known = newest.get(line);
      // To look for one version costs less than to look which is the newest.
      return known == null || lines.after(known).isPresent()
          ? lines.newest(line)
          : Optional.of(known);
    } catch (UnreadableVersion e) {
      throw unreadable(id, e);
    } finally {
      writing.unlock();
    }
  }

  /** One version; what lies in the store never changes. */
  Optional<AdapterSnapshot> at(AdapterId id, long version) {
    try {
      return lines.at(id, version);
    } catch (UnreadableVersion e) {
      throw unreadable(id, e);
    }
  }

  /** Of every adapter that can be read, deleted ones among them. */
  List<AdapterSnapshot> all() {
    writing.lock();
    try {
      return List.copyOf(newest.values());
    } finally {
      writing.unlock();
    }
  }

  /** Looks for new versions of all adapters, and for new adapters. */
  void refreshAll() {
    for (LineName line : lines.all()) {
      writing.lock();
      try {
        catchUp(line);
      } catch (UnreadableVersion | TrimtabException e) {
        logUnreadable(line, e);
      } finally {
        writing.unlock();
      }
    }
  }

  /** Does something while no version is written. */
  void exclusively(Runnable action) {
    writing.lock();
    try {
      action.run();
    } finally {
      writing.unlock();
    }
  }

  /** Takes out the blobs that a revision names. Exclusively. */
  void removeNamed(Set<String> blobs) {
    for (AdapterSnapshot adapter : newest.values()) {
      for (Revision revision : adapter.revisions()) {
        if (blobs.isEmpty()) {
          return;
        }
        blobs.removeAll(revision.files().blobs());
      }
    }
  }

  /** Whether every line could be read. Exclusively. */
  boolean complete() {
    return unreadable.isEmpty();
  }

  private @Nullable AdapterSnapshot catchUp(AdapterId id) {
    try {
      return catchUp(AdapterLines.line(id));
    } catch (UnreadableVersion e) {
      throw unreadable(id, e);
    }
  }

  private static TrimtabException unreadable(AdapterId id, UnreadableVersion e) {
    return new TrimtabException(
        ErrorCode.INTERNAL,
        "What is stored of the adapter '%s' cannot be read: %s"
            .formatted(id.name(), e.getMessage()),
        e);
  }

  private @Nullable AdapterSnapshot catchUp(LineName line) throws UnreadableVersion {
    AdapterSnapshot known = newest.get(line);
    Optional<AdapterSnapshot> next = known == null ? lines.newest(line) : lines.after(known);
    while (next.isPresent()) {
      take(line, next.get());
      next = lines.after(next.get());
    }
    unreadable.remove(line);
    return newest.get(line);
  }

  private void take(LineName line, AdapterSnapshot snapshot) {
    newest.put(line, snapshot);
    served.take(snapshot);
    watchers.tell(snapshot);
  }

  private void logUnreadable(LineName line, Exception e) {
    if (unreadable.add(line)) {
      LOG.log(
          System.Logger.Level.ERROR,
          "The adapter at %s/%s cannot be read: %s"
              .formatted(line.kind(), line.digest(), e.getMessage()));
    }
  }
}
