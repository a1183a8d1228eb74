package io.trimtab.events;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/** Kafka's administrative client, made when it is first needed. Any thread. */
final class BrokerAdmin implements AutoCloseable {
  private final ClientProperties properties;

  /** Guards {@code client}. */
  private final ReentrantLock lock = new ReentrantLock();

  private @Nullable Admin client;
  private boolean closed;

  BrokerAdmin(ClientProperties properties) {
    this.properties = properties;
  }

  /**
   * The client.
   *
   * @throws org.apache.kafka.common.KafkaException where none can be made now, for instance while
   *     the broker's name has no address
   */
  Admin client() {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("The events are closed");
      }
      Admin now = client;
      if (now == null) {
        now = Admin.create(properties.admin());
        client = now;
      }
      return now;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (client != null) {
        client.close(Duration.ofSeconds(1));
      }
    } finally {
      lock.unlock();
    }
  }
}
