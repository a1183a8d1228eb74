package io.trimtab.serving.metrics;

import io.trimtab.error.TrimtabException;

/**
 * How much is told.
 *
 * @param adaptersMax adapters that have labels of their own, 0 to 10000; the rest are one
 */
public record MetricsLimits(int adaptersMax) {
  public MetricsLimits {
    if (adaptersMax < 0 || adaptersMax > 10_000) {
      throw TrimtabException.invalid(
          "trimtab.metrics.adapters-max is %d, expected 0 to 10000".formatted(adaptersMax));
    }
  }
}
