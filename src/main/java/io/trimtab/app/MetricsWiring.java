package io.trimtab.app;

import io.trimtab.serving.metrics.MetricsLimits;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** How much Prometheus is told; what it is told is found by the metrics themselves. */
@Singleton
class MetricsWiring {
  @Produces
  @Singleton
  MetricsLimits limits(TrimtabConfig config) {
    return new MetricsLimits(config.metrics().adaptersMax());
  }
}
