package io.trimtab.engine.api;

/**
 * Where deltas are and what was done to bring them there.
 *
 * @param host those in host memory
 * @param arenaBytes of the slots on the device
 * @param layouts times that the slots were laid out for other ranks
 * @param placements deltas, or zeros for base, copied into a slot
 */
public record DeltaStatistics(Host host, long arenaBytes, long layouts, long placements) {
  /**
   * What is in host memory and what was done for it.
   *
   * @param deltas that are here
   * @param bytes that they take
   * @param leases open now
   * @param loads from the store so far
   * @param evictions so far
   */
  public record Host(int deltas, long bytes, int leases, long loads, long evictions) {}
}
