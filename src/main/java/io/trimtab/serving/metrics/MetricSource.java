package io.trimtab.serving.metrics;

/** Part of what is read when Prometheus asks. Any thread; should return at once. */
interface MetricSource {
  void collect(Families into);
}
