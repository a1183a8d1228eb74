package io.trimtab.serving.metrics;

import io.trimtab.adapter.AdapterId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Which adapters have requests waiting, and which running. Any thread. */
final class AdapterRequests {
  /** Names said of each, in alphabetical order: a label must not grow with the queue. */
  static final int NAMES_MAX = 64;

  private final Map<AdapterId, Integer> waiting = new ConcurrentHashMap<>();
  private final Map<AdapterId, Integer> running = new ConcurrentHashMap<>();

  void waits(AdapterId id) {
    waiting.merge(id, 1, Integer::sum);
  }

  void waitsNoMore(AdapterId id) {
    less(waiting, id);
  }

  void runs(AdapterId id) {
    running.merge(id, 1, Integer::sum);
  }

  void runsNoMore(AdapterId id) {
    less(running, id);
  }

  /** {@code tenant/name} with commas between; empty for none. */
  String waiting() {
    return names(waiting);
  }

  /** Likewise. */
  String running() {
    return names(running);
  }

  private static void less(Map<AdapterId, Integer> counts, AdapterId id) {
    counts.computeIfPresent(id, (_, count) -> count == 1 ? null : count - 1);
  }

  private static String names(Map<AdapterId, Integer> counts) {
    return counts.keySet().stream()
        .map(AdapterId::toString)
        .sorted()
        .limit(NAMES_MAX)
        .collect(Collectors.joining(","));
  }
}
