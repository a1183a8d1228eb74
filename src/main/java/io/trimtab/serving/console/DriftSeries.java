package io.trimtab.serving.console;

import io.trimtab.adapter.AdapterId;
import io.trimtab.drift.WatchReport;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How adapters' drift detectors stood over the last hour or so; the watch keeps their present state
 * alone. A bounded number of adapters has a series: those whose answers were read last. Any thread;
 * the monitor guards the map.
 */
final class DriftSeries {
  static final int ADAPTERS_MAX = 64;
  static final int POINTS_MAX = 720;

  private final Map<AdapterId, Deque<Point>> series = new HashMap<>();

  /**
   * A served revision at a moment.
   *
   * @param time Unix milliseconds
   * @param answers of it that base had read
   * @param metrics in the watch's order
   */
  record Point(long time, int revision, float scale, long answers, List<Standing> metrics) {
    Point {
      metrics = List.copyOf(metrics);
    }
  }

  /**
   * A quantity, each figure over its threshold: 1 is the alarm.
   *
   * @param key such as {@code numbers_bias+}
   */
  record Standing(String key, double evidence, double warning) {}

  /** Notes how revisions stand; one of which no more answers were read than before is left out. */
  synchronized void sample(long time, List<WatchReport> reports) {
    for (WatchReport report : reports) {
      Deque<Point> points = series.computeIfAbsent(report.served().id(), _ -> new ArrayDeque<>());
      boolean known =
          points.stream()
              .anyMatch(
                  each ->
                      each.revision == report.served().revision()
                          && each.scale == report.served().scale()
                          && each.answers >= report.answers());
      if (!known) {
        points.addLast(point(time, report));
        if (points.size() > POINTS_MAX) {
          points.removeFirst();
        }
      }
    }
    while (series.size() > ADAPTERS_MAX) {
      var oldest =
          series.entrySet().stream().min(Comparator.comparingLong(each -> newest(each.getValue())));
      oldest.ifPresent(each -> series.remove(each.getKey()));
    }
  }

  private static long newest(Deque<Point> points) {
    Point last = points.peekLast();
    return last == null ? 0 : last.time;
  }

  private static Point point(long time, WatchReport report) {
    return new Point(
        time,
        report.served().revision(),
        report.served().scale(),
        report.answers(),
        report.metrics().stream()
            .map(
                each ->
                    new Standing(
                        each.key(),
                        each.evidence() / each.threshold(),
                        each.page() / each.warning()))
            .toList());
  }

  /**
   * An adapter's series, oldest first; a canary's points are among those of the active revision.
   */
  synchronized List<Point> of(AdapterId id) {
    Deque<Point> points = series.get(id);
    return points == null ? List.of() : List.copyOf(points);
  }
}
