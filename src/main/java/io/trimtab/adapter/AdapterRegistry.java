package io.trimtab.adapter;

import io.trimtab.adapter.AdapterSnapshot.Existence;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Each tenant's adapters and their revisions. What may happen to an adapter is in {@link
 * AdapterTransitions}; each change is the next version of the adapter's line in the store, durable
 * before it is seen. Several registries, in any processes, may share a store. A change begins by
 * looking for newer versions; reading does not, and sees those of others after {@link #refresh}.
 *
 * <p>Safe for use by many threads. Changes wait for each other and for the disk; {@link #resolve},
 * {@link #get} and {@link #list} wait for nothing.
 */
public final class AdapterRegistry implements RevisionSource {
  private final ObjectStore store;
  private final AdapterLimits limits;
  private final Clock clock;
  private final ServedAdapters served = new ServedAdapters();
  private final AdapterWatchers watchers = new AdapterWatchers();
  private final AdapterVersions versions;
  private final AdapterBlobs blobs;

  private AdapterRegistry(ObjectStore store, AdapterLimits limits, Clock clock) {
    this.store = store;
    this.limits = limits;
    this.clock = clock;
    this.versions = new AdapterVersions(store, served, watchers);
    this.blobs = new AdapterBlobs(store, versions);
  }

  /** Reads every adapter of the store. One that cannot be read is logged and served to nobody. */
  public static AdapterRegistry open(ObjectStore store, AdapterLimits limits, Clock clock) {
    AdapterRegistry registry = new AdapterRegistry(store, limits, clock);
    registry.versions.readAll();
    return registry;
  }

  /** The tenant's adapters, by name. */
  public List<AdapterSnapshot> list(String tenant) {
    return served.list(tenant);
  }

  /**
   * One adapter.
   *
   * @throws TrimtabException NOT_FOUND
   */
  public AdapterSnapshot get(AdapterId id) {
    return require(id.tenant(), id.name()).snapshot();
  }

  /**
   * Makes an adapter at revision 0, which is base; one that is there stays as it is, and as it is
   * served here.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED when the tenant has as many as it may
   */
  public AdapterSnapshot create(AdapterId id) {
    Optional<AdapterSnapshot> there = versions.stored(id).filter(AdapterRegistry::exists);
    return there.isPresent() ? there.get() : made(id);
  }

  private AdapterSnapshot made(AdapterId id) {
    return versions.change(
        id,
        now -> {
          requireRoom(id, now);
          return AdapterTransitions.created(id, now, clock.instant());
        });
  }

  /**
   * Adds a revision whose files are in the store, and the adapter with it where there is none. The
   * new revision's number is the snapshot's {@code lastRevision}.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED at the limit of adapters or revisions, UNAVAILABLE
   *     where the files are not in the store
   */
  public AdapterSnapshot add(AdapterId id, NewRevision revision) {
    return versions.change(
        id,
        now -> {
          requireRoom(id, now);
          requireFiles(revision.files());
          return AdapterTransitions.added(
              id, now, revision, limits.revisionsPerAdapterMax(), clock.instant());
        });
  }

  /**
   * Adds what a job has made, once: where a revision of its origin is there already, nothing
   * changes. Unlike {@link #add} it makes no adapter.
   *
   * @param begun when the job was ordered: of an adapter that was deleted since, it is not
   * @throws TrimtabException NOT_FOUND where that adapter is not there any more, else as {@link
   *     #add}
   */
  public AdapterSnapshot addOnce(AdapterId id, NewRevision revision, Instant begun) {
    return changePresent(
        id,
        now -> {
          if (versions.lastDeleted(id).filter(deleted -> !deleted.isBefore(begun)).isPresent()) {
            throw RevisionSource.notFound(id.name());
          }
          if (now.revisions().stream().anyMatch(each -> each.origin().equals(revision.origin()))) {
            return now;
          }
          requireFiles(revision.files());
          return AdapterTransitions.added(
              id, now, revision, limits.revisionsPerAdapterMax(), clock.instant());
        });
  }

  /**
   * Refuses where {@link #add} and {@link #addOnce} would for the number of revisions. Looks in the
   * store.
   *
   * @throws TrimtabException NOT_FOUND, or RESOURCE_EXHAUSTED at the limit
   */
  public void requireRoomForRevision(AdapterId id) {
    AdapterTransitions.requireRoom(newest(id), limits.revisionsPerAdapterMax());
  }

  /**
   * Makes a revision, or base, serve all requests or a share of them.
   *
   * @throws TrimtabException NOT_FOUND for an adapter or revision that is not there,
   *     FAILED_PRECONDITION at another version than ordered, for a revision that is REJECTED or
   *     QUARANTINED unless forced, and for a canary of what is active
   */
  public AdapterSnapshot activate(AdapterId id, Activation activation) {
    return changePresent(id, now -> AdapterTransitions.activated(now, activation, clock.instant()));
  }

  /**
   * Goes back to what was active before, base when nothing was, and ends a canary. Where base is
   * active and nothing was before it, it ends the canary alone.
   *
   * @throws TrimtabException NOT_FOUND, or FAILED_PRECONDITION where there is nothing to go back to
   */
  public AdapterSnapshot rollback(AdapterId id, String reason) {
    return rollback(id, reason, 0);
  }

  /**
   * The same at one version alone, so that of several who saw it one acts.
   *
   * @param ifVersion 0, or the version that the adapter must be at: else FAILED_PRECONDITION
   */
  public AdapterSnapshot rollback(AdapterId id, String reason, long ifVersion) {
    return changeAt(
        id, ifVersion, now -> AdapterTransitions.rolledBack(now, reason, clock.instant()));
  }

  /**
   * Serves a revision at another scale from now on.
   *
   * @param revision 0 for the active one
   * @param scale 0 (base) to 1 (as tuned)
   * @throws TrimtabException NOT_FOUND, or FAILED_PRECONDITION where base is the active one
   */
  public AdapterSnapshot setScale(AdapterId id, int revision, float scale, String reason) {
    return setScale(id, revision, scale, reason, 0);
  }

  /** The same at one version alone, as {@link #rollback(AdapterId, String, long)}. */
  public AdapterSnapshot setScale(
      AdapterId id, int revision, float scale, String reason, long ifVersion) {
    return changeAt(
        id,
        ifVersion,
        now -> AdapterTransitions.scaled(now, revision, scale, reason, clock.instant()));
  }

  /**
   * Serves a revision to nobody until a person acts; an active one falls back as a rollback does.
   *
   * @throws TrimtabException NOT_FOUND, or FAILED_PRECONDITION for a REJECTED one
   */
  public AdapterSnapshot quarantine(AdapterId id, int revision, String reason) {
    return quarantine(id, revision, reason, 0);
  }

  /** The same at one version alone, as {@link #rollback(AdapterId, String, long)}. */
  public AdapterSnapshot quarantine(AdapterId id, int revision, String reason, long ifVersion) {
    return changeAt(
        id,
        ifVersion,
        now -> AdapterTransitions.quarantined(now, revision, reason, clock.instant()));
  }

  /**
   * The same, but an active one is followed by base, for where what was before it can't be served.
   */
  public AdapterSnapshot quarantineToBase(
      AdapterId id, int revision, String reason, long ifVersion) {
    return changeAt(
        id,
        ifVersion,
        now -> AdapterTransitions.quarantinedToBase(now, revision, reason, clock.instant()));
  }

  /**
   * Deletes a revision or the adapter, and the files that no revision names any more.
   *
   * @param revision 0 for the adapter with all its revisions
   * @throws TrimtabException NOT_FOUND, or FAILED_PRECONDITION for a revision that is ACTIVE or
   *     CANARY
   */
  public void delete(AdapterId id, int revision, String reason) {
    Set<String> unnamed = new HashSet<>();
    changePresent(
        id,
        now -> {
          unnamed.clear();
          now.revisions().stream()
              .filter(each -> revision == 0 || each.revision() == revision)
              .forEach(each -> unnamed.addAll(each.files().blobs()));
          return revision == 0
              ? AdapterTransitions.deleted(now, reason, clock.instant())
              : AdapterTransitions.without(now, revision, reason, clock.instant());
        });
    blobs.deleteUnneeded(unnamed);
  }

  /**
   * Tells a listener of the tenant's changes from now on, until the subscription is closed.
   *
   * @param eventsMax most events that wait for the listener; with more it is dropped and told
   *     RESOURCE_EXHAUSTED
   */
  public Subscription<AdapterEvent> watch(
      String tenant, int eventsMax, Subscriber<AdapterEvent> listener) {
    return watchers.add(tenant, eventsMax, listener);
  }

  /**
   * Tells a listener of every version that this process writes or finds, of all tenants, for as
   * long as the registry is there. It is told while others wait, so it must return at once.
   */
  public void watchAll(Consumer<AdapterSnapshot> listener) {
    watchers.addForAll(listener);
  }

  /** Keeps blobs from being deleted, there already or not, until it is closed. */
  public BlobPin pin(String... sha256) {
    return blobs.pin(List.of(sha256));
  }

  /**
   * Looks for versions of an adapter that another process has written.
   *
   * @throws TrimtabException NOT_FOUND where there is none now
   */
  public AdapterSnapshot refresh(AdapterId id) {
    return requirePresent(id, versions.refresh(id));
  }

  /**
   * When the name was deleted last, whichever process did it; empty for never. Looks in the store;
   * what is served here stays as it is.
   */
  public Optional<Instant> lastDeleted(AdapterId id) {
    return versions.lastDeleted(id);
  }

  /**
   * Whether what had the name at a moment is gone, whichever process deleted it and whoever has the
   * name now. Looks in the store.
   */
  public boolean isGone(AdapterId id, Instant since) {
    return versions.stored(id).filter(AdapterRegistry::exists).isEmpty()
        || versions.lastDeleted(id).filter(deleted -> !deleted.isBefore(since)).isPresent();
  }

  /**
   * One version in the store, of a deleted adapter too; empty where there is none. Takes nothing.
   *
   * @throws TrimtabException as {@link #stored}
   */
  public Optional<AdapterSnapshot> at(AdapterId id, long version) {
    return versions.at(id, version);
  }

  /**
   * The newest version in the store, of a deleted adapter too. It is not taken: what is served here
   * stays as it is until {@link #refresh}.
   *
   * @throws TrimtabException UNAVAILABLE where the store fails, INTERNAL where it cannot be read
   */
  public Optional<AdapterSnapshot> stored(AdapterId id) {
    return versions.stored(id);
  }

  /**
   * The newest version in the store, which is not taken either.
   *
   * @throws TrimtabException NOT_FOUND where there is none now, else as {@link #stored}
   */
  public AdapterSnapshot newest(AdapterId id) {
    return requirePresent(id, versions.stored(id).orElse(null));
  }

  private static boolean exists(AdapterSnapshot snapshot) {
    return snapshot.existence() != Existence.DELETED;
  }

  /** What is known here of all adapters of all tenants, deleted ones among them. */
  public List<AdapterSnapshot> all() {
    return versions.all();
  }

  /** Looks for new versions of all adapters, and for new adapters. */
  public void refreshAll() {
    versions.refreshAll();
  }

  @Override
  public Optional<ResolvedRevision> resolve(
      String tenant, AdapterSelector selector, String requestId) {
    return switch (selector) {
      case AdapterSelector.Base _ -> Optional.empty();
      case AdapterSelector.TenantDefault _ -> {
        ServedAdapter adapter = served.find(tenant, AdapterId.DEFAULT_NAME);
        yield adapter == null ? Optional.empty() : adapter.byName(requestId);
      }
      case AdapterSelector.Served(String name) -> require(tenant, name).byName(requestId);
      case AdapterSelector.Exact(String name, int revision) ->
          require(tenant, name).exact(revision);
    };
  }

  /**
   * {@inheritDoc}
   *
   * @throws TrimtabException NOT_FOUND for a revision that has been deleted, INTERNAL for one whose
   *     files are damaged or lost
   */
  @Override
  public PeftFiles files(ResolvedRevision revision) {
    RevisionFiles files = revision.files();
    try {
      return new PeftFiles(store.blob(files.config()), store.blob(files.weights()));
    } catch (TrimtabException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      requireRevision(revision.id(), revision.revision());
      throw new TrimtabException(
          ErrorCode.INTERNAL,
          "The files of revision %d of the adapter '%s' are not in the store"
              .formatted(revision.revision(), revision.id().name()),
          e);
    }
  }

  /**
   * What the gate saw of a revision, as whoever published it wrote it; empty where no gate has seen
   * it. Checked against its digest; reads the disk.
   *
   * @throws TrimtabException NOT_FOUND for an adapter or revision that is not there, INTERNAL for
   *     an envelope that is damaged or lost, which is no other revision's trouble
   */
  public Optional<byte[]> envelope(AdapterId id, int revision) {
    String sha256 =
        get(id)
            .revision(revision)
            .orElseThrow(() -> AdapterTransitions.noRevision(id, revision))
            .files()
            .envelope();
    return sha256 == null ? Optional.empty() : Optional.of(envelope(id, revision, sha256));
  }

  private byte[] envelope(AdapterId id, int revision, String sha256) {
    try {
      return Files.readAllBytes(store.blob(sha256));
    } catch (TrimtabException e) {
      boolean gone = e.code() == ErrorCode.NOT_FOUND;
      if (gone) {
        requireRevision(id, revision);
      }
      throw new TrimtabException(
          gone ? ErrorCode.INTERNAL : e.code(),
          "The envelope of revision %d of the adapter '%s' cannot be read: %s"
              .formatted(revision, id.name(), e.getMessage()),
          e);
    } catch (IOException e) {
      throw new TrimtabException(
          ErrorCode.UNAVAILABLE,
          "The envelope of revision %d of the adapter '%s' cannot be read now"
              .formatted(revision, id.name()),
          e);
    }
  }

  private void requireRevision(AdapterId id, int number) {
    ServedAdapter adapter = served.find(id.tenant(), id.name());
    if (adapter == null || adapter.snapshot().revision(number).isEmpty()) {
      throw AdapterTransitions.noRevision(id, number);
    }
  }

  private ServedAdapter require(String tenant, String name) {
    ServedAdapter adapter = served.find(tenant, name);
    if (adapter == null) {
      throw RevisionSource.notFound(name);
    }
    return adapter;
  }

  private AdapterSnapshot changeAt(
      AdapterId id, long ifVersion, UnaryOperator<AdapterSnapshot> transition) {
    return changePresent(
        id,
        now -> {
          AdapterTransitions.requireVersion(now, ifVersion);
          return transition.apply(now);
        });
  }

  private AdapterSnapshot changePresent(AdapterId id, UnaryOperator<AdapterSnapshot> transition) {
    return versions.change(id, now -> transition.apply(requirePresent(id, now)));
  }

  private void requireRoom(AdapterId id, @Nullable AdapterSnapshot now) {
    boolean present = now != null && now.existence() == Existence.PRESENT;
    int count = served.count(id.tenant());
    if (!present && count >= limits.adaptersPerTenantMax()) {
      throw new TrimtabException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "The tenant has %d adapters, expected at most %d: delete some"
              .formatted(count, limits.adaptersPerTenantMax()));
    }
  }

  private void requireFiles(RevisionFiles files) {
    if (!blobs.has(files)) {
      throw new TrimtabException(
          ErrorCode.UNAVAILABLE, "The revision's files are not in the store: upload them again");
    }
  }

  private static AdapterSnapshot requirePresent(AdapterId id, @Nullable AdapterSnapshot now) {
    if (now == null || now.existence() == Existence.DELETED) {
      throw RevisionSource.notFound(id.name());
    }
    return now;
  }
}
