package io.trimtab.drift;

import java.time.Instant;

/**
 * A change of level of one watched quantity of a served revision.
 *
 * @param metric the quantity's key, such as {@code numbers_bias+}, or {@code probes}
 * @param statistic of the detector that the level follows from
 * @param threshold that it is held against
 * @param excess by how much the recent mean of the quantity lies above what it may be, -1 to 1
 * @param cause what changed, as far as it can be told
 * @param answers read of this revision so far
 * @param detail in words
 */
public record DriftSignal(
    Instant time,
    Served served,
    String metric,
    DriftLevel level,
    double statistic,
    double threshold,
    double excess,
    Cause cause,
    long answers,
    String detail) {
  /** What a change is put down to. */
  public enum Cause {
    /** The model: base's stream, on the same inputs, is as it was. */
    MODEL,
    /** Base does not know these inputs either. */
    INPUTS,
    /** No gate has seen the revision, so that nothing says what it may do. */
    UNKNOWN
  }
}
