package io.trimtab.events;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.common.KafkaException;

/**
 * What a cluster says of itself, asked once and for a bounded time.
 *
 * @param id the cluster's own
 * @param brokers that are there now
 */
public record ClusterLook(String id, int brokers) {
  /**
   * Asks the cluster that the settings name; nothing is made there.
   *
   * @throws TrimtabException UNAVAILABLE where none answers within the bound
   */
  public static ClusterLook at(EventSettings settings, Duration bound) throws InterruptedException {
    if (settings.embedded()) {
      throw new IllegalArgumentException("The embedded broker is there with its server alone");
    }
    Map<String, Object> properties =
        new ClientProperties(settings, settings.bootstrapServers()).admin();
    int millis = Math.toIntExact(bound.toMillis());
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
    try (Admin admin = Admin.create(properties)) {
      DescribeClusterResult cluster =
          admin.describeCluster(new DescribeClusterOptions().timeoutMs(millis));
      return new ClusterLook(
          cluster.clusterId().get(millis, TimeUnit.MILLISECONDS),
          cluster.nodes().get(millis, TimeUnit.MILLISECONDS).size());
    } catch (KafkaException | ExecutionException | TimeoutException e) {
      Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
      throw new TrimtabException(
          ErrorCode.UNAVAILABLE,
          "No broker at %s answers within %d s: %s"
              .formatted(
                  settings.bootstrapServers(), bound.toSeconds(), KafkaFailure.reason(cause)),
          cause);
    }
  }
}
