package io.trimtab.adapter;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Who watches which tenant. Any thread. */
final class AdapterWatchers {
  private final List<Consumer<AdapterSnapshot>> ofAll = new CopyOnWriteArrayList<>();
  private final Map<String, Set<AdapterSubscription>> tenants = new ConcurrentHashMap<>();

  AdapterSubscription add(String tenant, int eventsMax, AdapterListener listener) {
    AdapterSubscription added =
        new AdapterSubscription(eventsMax, listener, over -> remove(tenant, over));
    // Within compute, so that a set which another thread finds empty is not dropped with it.
    tenants.compute(
        tenant,
        (key, present) -> {
          Set<AdapterSubscription> all = present == null ? ConcurrentHashMap.newKeySet() : present;
          all.add(added);
          return all;
        });
    return added;
  }

  /** Adds one that is told at once, by whoever tells. */
  void addForAll(Consumer<AdapterSnapshot> listener) {
    ofAll.add(listener);
  }

  /** Called by one thread at a time, in the order of the changes. */
  void tell(AdapterSnapshot snapshot) {
    ofAll.forEach(listener -> listener.accept(snapshot));
    AdapterEvent event = AdapterEvent.of(snapshot);
    tenants
        .getOrDefault(snapshot.id().tenant(), Set.of())
        .forEach(subscription -> subscription.offer(event));
  }

  private void remove(String tenant, AdapterSubscription subscription) {
    tenants.computeIfPresent(
        tenant,
        (key, present) -> {
          present.remove(subscription);
          return present.isEmpty() ? null : present;
        });
  }
}
