package io.trimtab.events;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.errors.AuthenticationException;

/**
 * Whether one of Kafka's clients was refused a login, by SASL or TLS. Such a client may never work
 * again, whatever the broker would say now: it knows the password of when it was made, and a
 * producer that was refused before it had its id waits for one for ever (KAFKA-20237).
 */
final class FailedLogins {
  /** Kafka's own counts; what it throws is often a mere timeout. */
  private static final Set<String> COUNTS =
      Set.of("failed-authentication-total", "failed-reauthentication-total");

  private FailedLogins() {}

  /**
   * Whether a failure is for want of a login, or may be.
   *
   * @param metrics of the client that failed
   */
  static boolean explain(Throwable failure, Map<MetricName, ? extends Metric> metrics) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof AuthenticationException) {
        return true;
      }
    }
    return metrics.values().stream().anyMatch(FailedLogins::isPositive);
  }

  private static boolean isPositive(Metric metric) {
    return COUNTS.contains(metric.metricName().name())
        && metric.metricValue() instanceof Double count
        && count > 0;
  }
}
