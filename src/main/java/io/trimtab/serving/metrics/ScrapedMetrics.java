package io.trimtab.serving.metrics;

import io.prometheus.client.Collector;
import java.util.ArrayList;
import java.util.List;

/**
 * All that is read when Prometheus asks. A source that fails is said, and leaves the others alone:
 * metrics matter most when something fails. Any thread.
 */
final class ScrapedMetrics extends Collector {
  private static final System.Logger LOG = System.getLogger(ScrapedMetrics.class.getName());

  private final List<MetricSource> sources;

  ScrapedMetrics(List<MetricSource> sources) {
    this.sources = List.copyOf(sources);
  }

  @Override
  public List<MetricFamilySamples> collect() {
    List<MetricFamilySamples> all = new ArrayList<>();
    for (MetricSource source : sources) {
      Families families = new Families();
      try {
        source.collect(families);
        all.addAll(families.list());
      } catch (RuntimeException e) {
        LOG.log(
            System.Logger.Level.WARNING,
            "%s are missing: %s".formatted(source.getClass().getSimpleName(), e));
      }
    }
    return all;
  }
}
