package io.trimtab.adaptation;

import io.trimtab.adapter.AdapterEvent;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.AdapterSnapshot.Kind;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.Subscriber;
import io.trimtab.adapter.Subscription;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Every version of every adapter, as those who watch are told, and when each can have been seen: a
 * change becomes visible at some moment within the call that makes it. A version belongs to a call
 * by the words that the call left in it. Any thread.
 */
final class VersionHistory implements AutoCloseable {
  /** Name of an adapter that is made last, so that its event is the last. */
  private static final String LAST = "last-of-all";

  /** Nanoseconds of the clock that only runs on, when a call began and when it was over. */
  private record Call(long from, long to) {}

  private final Map<String, Call> calls = new ConcurrentHashMap<>();
  private final Map<AdapterId, List<AdapterSnapshot>> versions = new ConcurrentHashMap<>();
  private final List<Subscription<AdapterEvent>> subscriptions = new ArrayList<>();
  private final AdapterRegistry registry;
  private final Collection<String> tenants;
  private final CountDownLatch last;

  VersionHistory(AdapterRegistry registry, Collection<String> tenants) {
    this.registry = registry;
    this.tenants = tenants;
    this.last = new CountDownLatch(tenants.size());
    for (String tenant : tenants) {
      subscriptions.add(registry.watch(tenant, 100_000, new Keeper()));
    }
  }

  /**
   * Calls something that changes adapters.
   *
   * @param words the reason of the change, or the note of the revision, and no other call's
   */
  <T> T during(String words, Supplier<T> call) {
    long from = System.nanoTime();
    try {
      return call.get();
    } finally {
      calls.put(words, new Call(from, System.nanoTime()));
    }
  }

  /** Waits until all changes so far are known. */
  void complete() throws InterruptedException {
    for (String tenant : tenants) {
      registry.create(new AdapterId(tenant, LAST));
    }
    if (!last.await(120, TimeUnit.SECONDS)) {
      throw new AssertionError("Not all changes were told within 120 s");
    }
  }

  /** All that an adapter can have been at some moment of an interval, in order. */
  List<AdapterSnapshot> within(AdapterId id, long from, long to) {
    List<AdapterSnapshot> all = versions.getOrDefault(id, List.of());
    List<AdapterSnapshot> possible = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      boolean replacedBefore = i + 1 < all.size() && call(all.get(i + 1)).to < from;
      if (!replacedBefore && call(all.get(i)).from <= to) {
        possible.add(all.get(i));
      }
    }
    return possible;
  }

  int versions() {
    return versions.values().stream().mapToInt(List::size).sum();
  }

  private Call call(AdapterSnapshot version) {
    Call call = calls.get(words(version));
    if (call == null) {
      throw new AssertionError("Nobody made " + version.id() + " " + version.change());
    }
    return call;
  }

  private static String words(AdapterSnapshot version) {
    AdapterSnapshot.Change change = version.change();
    // An upload that activates at once makes two versions, the second without a reason.
    return change.kind() == Kind.UPLOADED || change.reason().isEmpty()
        ? version.revision(change.revision()).map(Revision::note).orElse("")
        : change.reason();
  }

  @Override
  public void close() {
    subscriptions.forEach(Subscription::close);
  }

  private final class Keeper implements Subscriber<AdapterEvent> {
    @Override
    public void changed(AdapterEvent event) {
      AdapterSnapshot snapshot = event.snapshot();
      if (snapshot.id().name().equals(LAST)) {
        last.countDown();
        return;
      }
      // One listener's calls come one by one, and a line has one tenant.
      versions.computeIfAbsent(snapshot.id(), id -> new ArrayList<>()).add(snapshot);
    }

    @Override
    public void ended(TrimtabException reason) {
      throw new AssertionError(reason);
    }
  }
}
