package io.trimtab.drift;

import io.trimtab.drift.Reference.Origin;
import java.util.List;

/**
 * How a served revision stands.
 *
 * @param level the worst of its quantities
 * @param origin what it is held against
 * @param answers read by base
 * @param gathered of these, how many in a row are evidence: those since the inputs last calmed, and
 *     0 while they have changed
 * @param tokens of the answers
 * @param repeated answers left out, since the same question had just been read
 */
public record WatchReport(
    Served served,
    DriftLevel level,
    Origin origin,
    long answers,
    long gathered,
    long tokens,
    long repeated,
    List<Metric> metrics) {
  public WatchReport {
    metrics = List.copyOf(metrics);
  }

  /**
   * One quantity.
   *
   * @param key such as {@code numbers_bias+}
   * @param base mean of what base does, 0 to 1
   * @param tuned mean of what the tuned model does, 0 to 1
   * @param evidence of the e-detector, DRIFT at its threshold
   * @param page Page's sum, WARNING at its threshold
   * @param excess recent mean above what is allowed, -1 to 1
   */
  public record Metric(
      String key,
      double base,
      double tuned,
      double evidence,
      double threshold,
      double page,
      double warning,
      double excess,
      DriftLevel level) {}
}
