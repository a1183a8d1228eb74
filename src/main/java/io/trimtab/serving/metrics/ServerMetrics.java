package io.trimtab.serving.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.trimtab.adaptation.AdapterFollower;
import io.trimtab.adaptation.governor.ProbeWatch;
import io.trimtab.adaptation.job.TrainingThrottle;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.Revision;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.Served;
import io.trimtab.drift.ShadowedGenerator;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.serving.tracing.Tracing;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells Prometheus of all parts of the server. */
@Singleton
class ServerMetrics {
  private final AdapterRequests requests = new AdapterRequests();
  private @Nullable ScrapedMetrics scraped;

  @Produces
  @Singleton
  MeteredGenerator metered(
      MeterRegistry registry, InferenceEngine engine, ShadowedGenerator shadowed, Tracing tracing) {
    return new MeteredGenerator(
        tracing.requests(shadowed, engine),
        new RequestMeters(registry, engine.model().name()),
        requests);
  }

  void onStart(
      @Observes StartupEvent event,
      PrometheusMeterRegistry registry,
      InferenceEngine engine,
      AdapterRegistry adapters,
      AdapterFollower follower,
      TuningJobs jobs,
      TrainingThrottle throttle,
      DriftWatch watch,
      ShadowedGenerator shadowed,
      ProbeWatch probes,
      Quantities quantities,
      GovernorCounts governor,
      FeedbackLag lag,
      MetricsLimits limits) {
    ScrapedMetrics metrics =
        new ScrapedMetrics(
            List.of(
                new EngineMetrics(engine, requests, Clock.systemUTC()),
                new AdapterMetrics(adapters, engine, follower),
                new TuningMetrics(jobs::known, throttle::holds),
                new DriftMetrics(
                    watch::reports,
                    () -> served(adapters),
                    shadowed::statistics,
                    probes,
                    shadowed.share(),
                    quantities,
                    limits.adaptersMax()),
                governor,
                new FeedbackMetrics(lag)));
    // The registry's own: a CollectorRegistry that is injected is another one each time.
    registry.getPrometheusRegistry().register(metrics);
    scraped = metrics;
  }

  void onStop(@Observes ShutdownEvent event, PrometheusMeterRegistry registry) {
    ScrapedMetrics metrics = scraped;
    if (metrics != null) {
      registry.getPrometheusRegistry().unregister(metrics);
    }
  }

  private static Map<Served, String> served(AdapterRegistry adapters) {
    Map<Served, String> served = new HashMap<>();
    for (AdapterSnapshot now : adapters.all()) {
      put(served, now, now.active(), "active");
      put(served, now, now.revision(now.canaryRevision()), "canary");
    }
    return served;
  }

  private static void put(
      Map<Served, String> served, AdapterSnapshot now, Optional<Revision> revision, String as) {
    revision.ifPresent(each -> served.put(new Served(now.id(), each.revision(), each.scale()), as));
  }
}
