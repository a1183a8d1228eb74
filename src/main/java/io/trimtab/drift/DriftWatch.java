package io.trimtab.drift;

import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterSnapshot;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * All watched revisions of this server. A bounded number is in memory; the one that was seen
 * longest ago goes to disk, where every watch is written from time to time ({@link #save}), and
 * comes back with its next answer. Any thread; the lock guards the map and the watches in it, and
 * is held for microseconds but where a watch is read from disk, or those of one adapter deleted.
 */
public final class DriftWatch {
  private static final System.Logger LOG = System.getLogger(DriftWatch.class.getName());

  private final Quantities quantities;
  private final ReferenceSource references;
  private final WatchSettings settings;
  private final WatchFolder folder;
  private final DriftListener listener;
  private final Clock clock;
  private final LinkedHashMap<Served, Watched> watched = new LinkedHashMap<>(16, 0.75f, true);

  /** Guarded as well. */
  private final SharedWords words = new SharedWords();

  /** A watch, and whether the disk has what it knows. */
  private static final class Watched {
    private final RevisionWatch watch;
    private boolean written;

    Watched(RevisionWatch watch) {
      this.watch = watch;
      this.written = true;
    }
  }

  /**
   * @param folder of the watches' states; made when first written to
   */
  public DriftWatch(
      Quantities quantities,
      ReferenceSource references,
      WatchSettings settings,
      Path folder,
      DriftListener listener,
      Clock clock) {
    this.quantities = quantities;
    this.references = references;
    this.settings = settings;
    this.folder = new WatchFolder(folder);
    this.listener = listener;
    this.clock = clock;
  }

  /** Takes a measured answer in, and tells the listener of what follows from it. */
  public void observe(Served served, Shift shift, QuestionWords words, long input) {
    List<DriftSignal> signals;
    synchronized (watched) {
      Watched each = find(served);
      each.written = false;
      signals = each.watch.observe(shift, words, input, clock.instant());
    }
    signals.forEach(listener::signal);
  }

  /** How a served revision stands; empty where none of its answers was read here. */
  public Optional<WatchReport> report(Served served) {
    synchronized (watched) {
      Watched each = watched.get(served);
      if (each == null && folder.read(served).isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(find(served).watch.report());
    }
  }

  /** Those in memory, the one seen longest ago first. */
  public List<WatchReport> reports() {
    synchronized (watched) {
      return watched.values().stream().map(each -> each.watch.report()).toList();
    }
  }

  private Watched find(Served served) {
    Watched known = watched.get(served);
    if (known != null) {
      return known;
    }
    Reference reference = references.of(served.id(), served.revision()).sharing(words);
    RevisionWatch watch = new RevisionWatch(served, quantities, reference, settings);
    folder.read(served).ifPresent(watch::restore);
    Watched found = new Watched(watch);
    watched.put(served, found);
    if (watched.size() > settings.watchedMax()) {
      Map.Entry<Served, Watched> oldest = watched.firstEntry();
      watched.remove(oldest.getKey());
      if (!oldest.getValue().written) {
        var _ = write(oldest.getKey(), oldest.getValue().watch.state());
      }
    }
    return found;
  }

  /** Writes what the disk does not have yet. */
  public void save() {
    List<Map.Entry<Served, WatchState>> unwritten = new ArrayList<>();
    synchronized (watched) {
      watched.forEach(
          (served, each) -> {
            if (!each.written) {
              each.written = true;
              unwritten.add(Map.entry(served, each.watch.state()));
            }
          });
    }
    for (Map.Entry<Served, WatchState> each : unwritten) {
      if (!write(each.getKey(), each.getValue())) {
        synchronized (watched) {
          Watched left = watched.get(each.getKey());
          if (left != null) {
            left.written = false;
          }
        }
      }
    }
  }

  /**
   * Forgets watches of revisions that were deleted, in memory and on disk. One that an answer on
   * its way brings back goes with the next call.
   *
   * @param adapters as they are known, deleted ones among them; of others nothing is forgotten
   */
  public void forgetGone(List<AdapterSnapshot> adapters) {
    Map<AdapterId, AdapterSnapshot> known =
        adapters.stream().collect(Collectors.toMap(AdapterSnapshot::id, Function.identity()));
    synchronized (watched) {
      watched
          .keySet()
          .removeIf(
              served -> {
                AdapterSnapshot adapter = known.get(served.id());
                return adapter != null && adapter.isGone(served.revision());
              });
    }
    adapters.forEach(this::deleteGone);
  }

  private void deleteGone(AdapterSnapshot adapter) {
    try {
      // What yields to others meanwhile is written under it, into a folder that must stay.
      synchronized (watched) {
        folder.forget(adapter);
      }
    } catch (UncheckedIOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "What was seen of deleted revisions of %s is left: %s"
              .formatted(adapter.id(), e.getMessage()));
    }
  }

  /** False, and said so, where the disk refuses. */
  private boolean write(Served served, WatchState state) {
    try {
      folder.write(served, state);
      return true;
    } catch (UncheckedIOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "What is known of %s was not written: %s".formatted(served, e.getMessage()));
      return false;
    }
  }
}
