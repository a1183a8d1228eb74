package io.trimtab.events;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Makes the topics that are not there, with the configured partitions and replication; those that
 * are there stay as they are. Records have the broker's time, whatever their sender's clock says.
 * While the broker is away or refuses, it is tried again in the background. {@link #start} and
 * {@link #close} from one thread, {@link #await} from any.
 */
final class Topics implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Topics.class.getName());

  private static final long CALL_SECONDS = 10;

  private final TopicNames names;
  private final EventSettings settings;
  private final BrokerAdmin admin;
  private final CompletableFuture<Void> there = new CompletableFuture<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  Topics(TopicNames names, EventSettings settings, BrokerAdmin admin) {
    this.names = names;
    this.settings = settings;
    this.admin = admin;
  }

  void start() {
    Thread.ofPlatform().daemon().name("events topics").start(this::makeUntilThere);
  }

  /** Waits until the topics are there, or that long. */
  void await(Duration atMost) throws InterruptedException {
    try {
      there.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // They may be there all the same: to make topics needs rights that to use them does not.
      return;
    } catch (ExecutionException e) {
      throw new IllegalStateException("Nothing completes it with a failure", e);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    there.complete(null);
  }

  private void makeUntilThere() {
    Pauses pauses = new Pauses(settings.limits());
    boolean said = false;
    try {
      while (true) {
        try {
          var _ = admin.ask(this::makeMissing);
          there.complete(null);
          return;
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
          if (!said) {
            said = true;
            LOG.log(
                System.Logger.Level.WARNING,
                "The topics can''t be made yet, and are tried again: {0}",
                KafkaFailure.of(e).getMessage());
          }
        }
        if (closed.await(pauses.next().toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many were made, or were there by then. */
  private int makeMissing(Admin broker)
      throws InterruptedException, ExecutionException, TimeoutException {
    Set<String> existing = broker.listTopics().names().get(CALL_SECONDS, TimeUnit.SECONDS);
    List<NewTopic> missing = new ArrayList<>(wanted(names, settings));
    missing.removeIf(topic -> existing.contains(topic.name()));
    for (var made : broker.createTopics(missing).values().entrySet()) {
      try {
        made.getValue().get(CALL_SECONDS, TimeUnit.SECONDS);
        LOG.log(System.Logger.Level.INFO, "Made the topic {0}", made.getKey());
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
      }
    }
    return missing.size();
  }

  /** All topics as they are made where they are missing. */
  static List<NewTopic> wanted(TopicNames names, EventSettings settings) {
    int record = settings.limits().recordBytesMax() + ClientProperties.HEADERS_BYTES;
    // A dead letter has the record's own headers and ours.
    int letter = record + ClientProperties.HEADERS_BYTES;
    return List.of(
        topic(settings, names.feedback(), record, "delete"),
        topic(settings, names.deadLetters(), letter, "delete"),
        topic(settings, names.adapters(), record, "compact"),
        topic(settings, names.tuning(), record, "delete"),
        topic(settings, names.drift(), record, "delete"));
  }

  private static NewTopic topic(EventSettings settings, String name, int bytesMax, String cleanup) {
    short replication = settings.embedded() ? 1 : settings.replication();
    return new NewTopic(name, settings.partitions(), replication)
        .configs(
            Map.of(
                "max.message.bytes",
                Integer.toString(bytesMax),
                "cleanup.policy",
                cleanup,
                // Of the sender's clock, one that is ahead is refused, and one of 1970 is soon
                // deleted as too old.
                "message.timestamp.type",
                "LogAppendTime"));
  }
}
