package io.trimtab.adapter;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Who watches which tenant. Any thread. */
final class AdapterWatchers {
  private final List<Consumer<AdapterSnapshot>> ofAll = new CopyOnWriteArrayList<>();
  private final Subscribers<AdapterEvent> ofTenants = new Subscribers<>();

  Subscription<AdapterEvent> add(String tenant, int eventsMax, Subscriber<AdapterEvent> listener) {
    return ofTenants.add(tenant, eventsMax, listener);
  }

  /** Adds one that is told at once, by whoever tells. */
  void addForAll(Consumer<AdapterSnapshot> listener) {
    ofAll.add(listener);
  }

  /** Called by one thread at a time, in the order of the changes. */
  void tell(AdapterSnapshot snapshot) {
    ofAll.forEach(listener -> listener.accept(snapshot));
    ofTenants.tell(snapshot.id().tenant(), AdapterEvent.of(snapshot));
  }
}
