package io.trimtab.app;

import io.trimtab.cli.doctor.Check;
import io.trimtab.cli.doctor.Finding;
import io.trimtab.error.TrimtabException;
import io.trimtab.events.ClusterLook;
import io.trimtab.events.EventSettings;
import java.time.Duration;
import java.util.List;

/**
 * Kafka: whether the cluster that is named answers, and has the brokers that topics are to be kept
 * on.
 *
 * @param bound the longest that it is waited for
 */
record BrokerCheck(EventSettings settings, Duration bound) implements Check {
  @Override
  public String name() {
    return "broker";
  }

  @Override
  public List<Finding> look() throws InterruptedException {
    if (settings.embedded()) {
      return List.of(Finding.ok(name(), "the embedded one, which starts with the server"));
    }
    try {
      ClusterLook cluster = ClusterLook.at(settings, bound);
      String found =
          "%s: cluster %s, brokers: %d"
              .formatted(settings.bootstrapServers(), cluster.id(), cluster.brokers());
      return List.of(
          cluster.brokers() >= settings.replication()
              ? Finding.ok(name(), found)
              : Finding.fault(
                  name(),
                  "%s, and topics are to be made with replication %d"
                      .formatted(found, settings.replication()),
                  "lower trimtab.kafka.replication, or make the topics yourself"));
    } catch (TrimtabException e) {
      return List.of(
          Finding.fault(
              name(),
              String.valueOf(e.getMessage()),
              "see that it runs and that its listeners reach here, or mend"
                  + " trimtab.kafka.bootstrap-servers and trimtab.kafka.client.*; requests are served"
                  + " without it, and no feedback is"));
    }
  }
}
