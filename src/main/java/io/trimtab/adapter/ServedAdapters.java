package io.trimtab.adapter;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The present adapters in memory: tenant → name → adapter. Any thread reads, without a lock; one at
 * a time writes. A tenant's map is never changed, but replaced.
 */
final class ServedAdapters {
  private final Map<String, Map<String, ServedAdapter>> tenants = new ConcurrentHashMap<>();

  /** Null where the tenant has none of the name, whoever else may. */
  @Nullable ServedAdapter find(String tenant, String name) {
    return ofTenant(tenant).get(name);
  }

  /** By name. */
  List<AdapterSnapshot> list(String tenant) {
    return ofTenant(tenant).values().stream()
        .map(ServedAdapter::snapshot)
        .sorted(Comparator.comparing(each -> each.id().name()))
        .toList();
  }

  int count(String tenant) {
    return ofTenant(tenant).size();
  }

  /** Takes what an adapter is now, in place of what it was. */
  void take(AdapterSnapshot snapshot) {
    Map<String, ServedAdapter> names = new HashMap<>(ofTenant(snapshot.id().tenant()));
    put(names, snapshot);
    if (names.isEmpty()) {
      tenants.remove(snapshot.id().tenant());
    } else {
      tenants.put(snapshot.id().tenant(), names);
    }
  }

  /** Takes many at once, before anyone reads. */
  void takeAll(Collection<AdapterSnapshot> snapshots) {
    for (AdapterSnapshot each : snapshots) {
      put(tenants.computeIfAbsent(each.id().tenant(), tenant -> new HashMap<>()), each);
    }
  }

  private Map<String, ServedAdapter> ofTenant(String tenant) {
    return tenants.getOrDefault(tenant, Map.of());
  }

  private static void put(Map<String, ServedAdapter> names, AdapterSnapshot snapshot) {
    switch (snapshot.existence()) {
      case PRESENT -> names.put(snapshot.id().name(), new ServedAdapter(snapshot));
      case DELETED -> names.remove(snapshot.id().name());
    }
  }
}
