package io.trimtab.drift;

/**
 * What became of the answers that base was to read; all only grow.
 *
 * @param chosen finished answers of a tuned revision that were chosen
 * @param read by base, and measured
 * @param tokens of these
 * @param leftOut since as many waited already as may, or the engine had no room
 * @param failed for any other reason
 */
public record ShadowStatistics(long chosen, long read, long tokens, long leftOut, long failed) {}
