package io.trimtab.serving.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.trimtab.engine.api.EngineStatistics;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.serving.metrics.Figures.Spread;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The latest ten minutes of the server, second by second, read off the engine's statistics and the
 * meters that Prometheus reads. Any thread; the monitor guards all fields.
 */
@Singleton
public class LiveFigures {
  /** Seconds kept. */
  public static final int FIGURES_MAX = 600;

  private static final int WINDOW = 30;

  private final MeterRegistry registry;
  private final InferenceEngine engine;
  private final Clock clock;
  private final Map<String, LatencyWindow> windows = new HashMap<>();
  private final Deque<Figures> kept = new ArrayDeque<>();
  private @Nullable Taken before;

  /** Counts at a moment. */
  private record Taken(long time, EngineStatistics engine, double succeeded, double failed) {}

  @Inject
  LiveFigures(PrometheusMeterRegistry registry, InferenceEngine engine) {
    this(registry, engine, Clock.systemUTC());
  }

  LiveFigures(MeterRegistry registry, InferenceEngine engine, Clock clock) {
    this.registry = registry;
    this.engine = engine;
    this.clock = clock;
  }

  /** Takes the next figures; called once a second. */
  public synchronized void sample() {
    Taken now =
        new Taken(
            clock.millis(),
            engine.statistics(),
            counted("vllm:request_success"),
            counted("trimtab_requests_failed"));
    Spread firstToken = spread("vllm:time_to_first_token");
    Spread outputToken = spread("vllm:time_per_output_token");
    Spread whole = spread("vllm:e2e_request_latency");
    Taken earlier = before;
    before = now;
    if (earlier == null || now.time <= earlier.time) {
      return;
    }
    EngineStatistics done = now.engine.since(earlier.engine);
    double seconds = (now.time - earlier.time) / 1e3;
    double failed = now.failed - earlier.failed;
    kept.addLast(
        new Figures(
            now.time,
            now.engine.running(),
            now.engine.waiting(),
            done.decodedTokens() / seconds,
            (done.prefilledTokens() + done.reusedTokens()) / seconds,
            (now.succeeded - earlier.succeeded + failed) / seconds,
            failed / seconds,
            firstToken,
            outputToken,
            whole));
    if (kept.size() > FIGURES_MAX) {
      kept.removeFirst();
    }
  }

  /** All that are kept, oldest first. */
  public synchronized List<Figures> list() {
    return List.copyOf(kept);
  }

  /** The newest; null before the first two samples. */
  public synchronized @Nullable Figures latest() {
    return kept.peekLast();
  }

  private double counted(String name) {
    Collection<Counter> counters = registry.find(name).counters();
    return counters.stream().mapToDouble(Counter::count).sum();
  }

  private @Nullable Spread spread(String name) {
    Timer timer = registry.find(name).timer();
    if (timer == null) {
      return null;
    }
    CountAtBucket[] buckets = timer.takeSnapshot().histogramCounts();
    double[] bounds = new double[buckets.length];
    long[] counts = new long[buckets.length + 1];
    for (int i = 0; i < buckets.length; i++) {
      bounds[i] = buckets[i].bucket(TimeUnit.SECONDS);
      counts[i] = (long) buckets[i].count();
    }
    if (buckets.length == 0) {
      return null;
    }
    counts[buckets.length] = timer.count();
    return windows
        .computeIfAbsent(name, _ -> new LatencyWindow(bounds, WINDOW))
        .sample(counts)
        .orElse(null);
  }
}
