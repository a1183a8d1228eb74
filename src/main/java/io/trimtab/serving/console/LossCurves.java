package io.trimtab.serving.console;

import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adaptation.job.TuningJob.Progress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Losses of tuning jobs by step, as far as this process has heard of them: jobs keep their latest
 * alone. A curve that grows too long is thinned to every second point. Any thread; the monitor
 * guards the map.
 */
final class LossCurves {
  static final int JOBS_MAX = 64;
  static final int POINTS_MAX = 512;

  private final Map<String, List<Point>> curves = new LinkedHashMap<>();

  /**
   * A job's losses.
   *
   * @param step updates done
   * @param train nats a token, the mean of late
   * @param validation nats a token; null before the first validation
   */
  public record Point(int step, double train, @Nullable Double validation) {}

  /** Notes how a job goes; what says nothing new is left out. */
  synchronized void heard(TuningJob job) {
    Progress progress = job.progress();
    if (progress.step() == 0 || !Double.isFinite(progress.trainLoss())) {
      return;
    }
    List<Point> curve = curve(job.id());
    boolean validated =
        Double.isFinite(progress.validationLoss()) && progress.validationLoss() != 0;
    Point point =
        new Point(
            progress.step(),
            progress.trainLoss(),
            validated ? (Double) progress.validationLoss() : null);
    if (!curve.isEmpty() && curve.getLast().step() >= point.step()) {
      // A job that begins anew from its checkpoint; what lay beyond is done again.
      curve.removeIf(each -> each.step() >= point.step());
    }
    curve.add(point);
    if (curve.size() > POINTS_MAX) {
      thin(curve);
    }
  }

  private List<Point> curve(String job) {
    List<Point> known = curves.get(job);
    if (known != null) {
      return known;
    }
    if (curves.size() >= JOBS_MAX) {
      Iterator<String> oldest = curves.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    List<Point> begun = new ArrayList<>();
    curves.put(job, begun);
    return begun;
  }

  private static void thin(List<Point> curve) {
    List<Point> kept = new ArrayList<>();
    for (int i = 0; i < curve.size() - 1; i += 2) {
      kept.add(curve.get(i));
    }
    // The newest stays, or the curve would end before its job.
    kept.add(curve.getLast());
    curve.clear();
    curve.addAll(kept);
  }

  /** A job's curve by step; empty for one that was not heard of. */
  synchronized List<Point> of(String job) {
    return List.copyOf(curves.getOrDefault(job, List.of()));
  }
}
