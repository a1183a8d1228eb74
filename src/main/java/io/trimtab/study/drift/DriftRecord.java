package io.trimtab.study.drift;

import java.util.List;

/**
 * What became of a stream.
 *
 * @param requests that were answered; fewer than the stream has where every share had alarmed
 * @param shares what a watch at each share of the answers saw
 */
record DriftRecord(int requests, double seconds, List<Share> shares) {
  /**
   * One share.
   *
   * @param share of answers that base read, 0 to 1
   * @param alarm request that raised the first alarm; -1 for none
   * @param metric that it was about; empty for none
   * @param excess of the metric then
   * @param warning request that raised the first warning that was no alarm; -1 for none
   * @param warned the metric that this was about
   * @param read answers
   */
  record Share(
      double share,
      int alarm,
      String metric,
      double excess,
      int warning,
      String warned,
      int read) {}
}
