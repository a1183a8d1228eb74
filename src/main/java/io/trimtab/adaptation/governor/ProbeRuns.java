package io.trimtab.adaptation.governor;

import io.trimtab.drift.Served;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What came of probing: the latest run of each served revision, and the latest try where that says
 * nothing. Of each the {@value #KEPT_MAX} newest. Any thread; the monitor guards both.
 */
final class ProbeRuns {
  private static final int KEPT_MAX = 16_384;
  private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);
  private static final Duration PAUSE_MAX = Duration.ofHours(1);

  private final Map<Served, ProbeRun> runs = newest();
  private final Map<Served, ProbeFailure> failures = newest();

  private static <V> Map<Served, V> newest() {
    return new LinkedHashMap<>() {
      @Override
      protected boolean removeEldestEntry(Map.Entry<Served, V> eldest) {
        return size() > KEPT_MAX;
      }
    };
  }

  synchronized Optional<ProbeRun> last(Served served) {
    return Optional.ofNullable(runs.get(served));
  }

  /** The last run of each, the oldest first. */
  synchronized List<ProbeRun> all() {
    return List.copyOf(runs.values());
  }

  /** Empty where the latest try came to an end. */
  synchronized Optional<ProbeFailure> failure(Served served) {
    return Optional.ofNullable(failures.get(served));
  }

  synchronized void ran(ProbeRun run) {
    failures.remove(run.served());
    runs.remove(run.served());
    runs.put(run.served(), run);
  }

  /** Each failure in a row doubles the pause, up to an hour. */
  synchronized void failed(Served served, Instant time, String reason) {
    ProbeFailure before = failures.remove(served);
    Duration pause = before == null ? FIRST_PAUSE : before.pause().multipliedBy(2);
    failures.put(
        served, new ProbeFailure(time, reason, pause.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : pause));
  }

  /** It is not served any more. */
  synchronized void forgetFailure(Served served) {
    failures.remove(served);
  }
}
