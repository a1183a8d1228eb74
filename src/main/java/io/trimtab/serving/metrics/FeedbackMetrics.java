package io.trimtab.serving.metrics;

/** How far behind the reader of feedback is; nothing where that is not known. */
final class FeedbackMetrics implements MetricSource {
  private final FeedbackLag lag;

  FeedbackMetrics(FeedbackLag lag) {
    this.lag = lag;
  }

  @Override
  public void collect(Families into) {
    lag.records()
        .ifPresent(
            records ->
                into.gauge(
                    "trimtab_feedback_lag_records",
                    "Feedback on Kafka that this process has still to read",
                    records));
  }
}
