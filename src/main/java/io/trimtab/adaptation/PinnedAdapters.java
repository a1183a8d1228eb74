package io.trimtab.adaptation;

import io.trimtab.adapter.AdapterEvent;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSelector;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.Subscriber;
import io.trimtab.adapter.Subscription;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.engine.delta.DeltaLease;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Adapters whose served revision stays in host memory, whoever else wants to be there: loaded at
 * the start, and again when the name moves to another revision or scale. A name that nobody has
 * made yet is pinned when it comes to be. The monitor guards what is held.
 */
public final class PinnedAdapters implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(PinnedAdapters.class.getName());

  /** Changes of one tenant that may wait; with more, everything is looked at anew. */
  private static final int EVENTS_MAX = 1_024;

  private final InferenceEngine engine;
  private final AdapterRegistry registry;
  private final List<AdapterId> pinned;

  /** Held while a name is looked at and its revision loaded. */
  private final Object following = new Object();

  private final Map<AdapterId, Held> held = new HashMap<>();
  private final List<Subscription<AdapterEvent>> watches = new ArrayList<>();
  private boolean closed;

  private record Held(ResolvedRevision revision, DeltaLease lease) {}

  public PinnedAdapters(InferenceEngine engine, AdapterRegistry registry, List<AdapterId> pinned) {
    this.engine = engine;
    this.registry = registry;
    this.pinned = List.copyOf(pinned);
  }

  /** Loads what is served now and follows the changes. Returns when all is loaded. */
  public void start() {
    pinned.stream().map(AdapterId::tenant).distinct().forEach(this::watch);
    pinned.forEach(this::follow);
  }

  private synchronized void watch(String tenant) {
    if (closed) {
      return;
    }
    watches.add(
        registry.watch(
            tenant,
            EVENTS_MAX,
            new Subscriber<AdapterEvent>() {
              @Override
              public void changed(AdapterEvent event) {
                if (pinned.contains(event.snapshot().id())) {
                  follow(event.snapshot().id());
                }
              }

              @Override
              public void ended(TrimtabException reason) {
                watch(tenant);
                pinned.stream()
                    .filter(id -> id.tenant().equals(tenant))
                    .forEach(each -> follow(each));
              }
            }));
  }

  /**
   * Holds what the name means now, then lets go of what it meant before. One at a time, lest an
   * older meaning be held last.
   */
  private void follow(AdapterId id) {
    synchronized (following) {
      Optional<ResolvedRevision> now = served(id);
      Held before = current(id);
      if (now.equals(Optional.ofNullable(before).map(Held::revision))) {
        return;
      }
      try {
        replace(id, now.isEmpty() ? null : new Held(now.get(), engine.pin(now.get()).join()));
      } catch (CompletionException e) {
        // What was served is held on; the next request loads the new one, or says why it can't.
        LOG.log(System.Logger.Level.WARNING, "The adapter %s was not pinned".formatted(id), e);
      }
    }
  }

  private Optional<ResolvedRevision> served(AdapterId id) {
    try {
      return registry.resolve(id.tenant(), new AdapterSelector.Served(id.name()), "pinned");
    } catch (TrimtabException e) {
      return Optional.empty();
    }
  }

  private synchronized @Nullable Held current(AdapterId id) {
    return held.get(id);
  }

  private synchronized void replace(AdapterId id, @Nullable Held next) {
    Held before = next == null || closed ? held.remove(id) : held.put(id, next);
    if (next != null && closed) {
      next.lease.close();
    }
    if (before != null) {
      before.lease.close();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    watches.forEach(Subscription::close);
    held.values().forEach(each -> each.lease.close());
    held.clear();
  }
}
