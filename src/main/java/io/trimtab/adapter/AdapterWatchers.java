package io.trimtab.adapter;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Who watches which tenant. Any thread. */
final class AdapterWatchers {
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

  /** Called by one thread at a time, in the order of the changes. */
  void tell(AdapterSnapshot snapshot) {
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
