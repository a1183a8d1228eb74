package io.trimtab.adapter;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Who is told of which tenant's events. Any thread. */
public final class Subscribers<E> {
  private final Map<String, Set<Subscription<E>>> tenants = new ConcurrentHashMap<>();

  /**
   * Adds one, until its subscription is closed.
   *
   * @param eventsMax most events that wait for it; with more it is dropped and told
   *     RESOURCE_EXHAUSTED
   */
  public Subscription<E> add(String tenant, int eventsMax, Subscriber<E> listener) {
    Subscription<E> added = new Subscription<>(eventsMax, listener, over -> remove(tenant, over));
    // Within compute, so that a set which another thread finds empty is not dropped with it.
    tenants.compute(
        tenant,
        (key, present) -> {
          Set<Subscription<E>> all = present == null ? ConcurrentHashMap.newKeySet() : present;
          all.add(added);
          return all;
        });
    return added;
  }

  /** Called by one thread at a time, in the order of the events. Does not block. */
  public void tell(String tenant, E event) {
    tenants.getOrDefault(tenant, Set.of()).forEach(subscription -> subscription.offer(event));
  }

  private void remove(String tenant, Subscription<E> subscription) {
    tenants.computeIfPresent(
        tenant,
        (key, present) -> {
          present.remove(subscription);
          return present.isEmpty() ? null : present;
        });
  }
}
