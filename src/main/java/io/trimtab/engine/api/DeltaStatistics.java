package io.trimtab.engine.api;

import io.trimtab.engine.delta.HostDeltas;

/**
 * Where deltas are and what was done to bring them there.
 *
 * @param host those in host memory
 * @param arenaBytes of the slots on the device
 * @param layouts times that the slots were laid out for other ranks
 * @param placements deltas, or zeros for base, copied into a slot
 */
public record DeltaStatistics(
    HostDeltas.Statistics host, long arenaBytes, long layouts, long placements) {}
