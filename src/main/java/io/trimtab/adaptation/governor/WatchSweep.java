package io.trimtab.adaptation.governor;

import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.AdapterSnapshot.Existence;
import io.trimtab.drift.DriftWatch;
import java.util.List;

/**
 * Deletes what this process has seen of adapters and revisions that were deleted, whoever deleted
 * them: the watch's states and the governor's history. To be run every few minutes, by the thread
 * that saves the watch. What other processes have seen is theirs.
 */
public final class WatchSweep {
  private final AdapterRegistry registry;
  private final DriftWatch watch;
  private final GovernorHistory history;

  public WatchSweep(AdapterRegistry registry, DriftWatch watch, GovernorHistory history) {
    this.registry = registry;
    this.watch = watch;
    this.history = history;
  }

  /** Sweeps once; what the disk refuses is said and left for the next time. */
  public void run() {
    List<AdapterSnapshot> known = registry.all();
    known.stream()
        .filter(adapter -> adapter.existence() == Existence.DELETED)
        .map(AdapterSnapshot::id)
        .forEach(history::forget);
    // Last: with it go folders that are empty by now.
    watch.forgetGone(known);
  }
}
