package io.trimtab.serving.metrics;

import io.trimtab.adaptation.AdapterFollower;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot.Existence;
import io.trimtab.engine.api.DeltaStatistics;
import io.trimtab.engine.api.InferenceEngine;

/** How many adapters there are, and where their deltas lie. */
final class AdapterMetrics implements MetricSource {
  private final AdapterRegistry registry;
  private final InferenceEngine engine;
  private final AdapterFollower follower;

  AdapterMetrics(AdapterRegistry registry, InferenceEngine engine, AdapterFollower follower) {
    this.registry = registry;
    this.engine = engine;
    this.follower = follower;
  }

  @Override
  public void collect(Families into) {
    into.gauge(
        "trimtab_adapters",
        "Adapters of all tenants",
        registry.all().stream().filter(each -> each.existence() == Existence.PRESENT).count());
    DeltaStatistics deltas = engine.deltaStatistics();
    into.gauge("trimtab_adapter_host_deltas", "Deltas in host memory", deltas.host().deltas());
    into.gauge("trimtab_adapter_host_bytes", "Bytes of these", deltas.host().bytes());
    into.gauge("trimtab_adapter_arena_bytes", "Bytes of slots on the device", deltas.arenaBytes());
    into.counter(
        "trimtab_adapter_loads_total", "Deltas loaded into host memory", deltas.host().loads());
    into.counter(
        "trimtab_adapter_evictions_total", "Deltas given up for others", deltas.host().evictions());
    into.counter(
        "trimtab_adapter_placements_total", "Deltas copied into a slot", deltas.placements());
    into.gauge(
        "trimtab_adapter_loads_failing",
        "Adapters whose newer version cannot be served here yet",
        follower.failing().size());
  }
}
