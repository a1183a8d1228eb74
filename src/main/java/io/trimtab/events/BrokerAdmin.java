package io.trimtab.events;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Kafka's administrative client, made when it is first needed, and anew after it was refused a
 * login. Any thread.
 */
final class BrokerAdmin implements AutoCloseable {
  private final ClientProperties properties;

  /** Guards {@code client}. */
  private final ReentrantLock lock = new ReentrantLock();

  private @Nullable Admin client;
  private boolean closed;

  /** What is asked of the broker; waits for a bounded time. */
  interface Question<T> {
    T ask(Admin client) throws ExecutionException, InterruptedException, TimeoutException;
  }

  BrokerAdmin(ClientProperties properties) {
    this.properties = properties;
  }

  /**
   * Asks, and lets what is thrown through.
   *
   * @throws KafkaException also where no client can be made now, for instance while the broker's
   *     name has no address
   */
  <T> T ask(Question<T> question)
      throws ExecutionException, InterruptedException, TimeoutException {
    Admin now = client();
    try {
      return question.ask(now);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      if (FailedLogins.explain(e, now.metrics())) {
        letGo(now);
      }
      throw e;
    }
  }

  private Admin client() {
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

  /** What others ask of it meanwhile fails. */
  private void letGo(Admin refused) {
    lock.lock();
    try {
      if (client == refused) {
        client = null;
        refused.close(Duration.ZERO);
      }
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
