package io.trimtab.events;

import io.trimtab.adaptation.feedback.FeedbackIntake;
import io.trimtab.adaptation.feedback.FeedbackOutcome;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.events.FeedbackEvents.Owner;
import io.trimtab.events.FeedbackEvents.Reading;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the feedback topic. A record is kept by the intake, or is a dead letter, before its offset
 * is committed: killed anywhere, it is read again, and the intake knows it. A failing store holds a
 * record up until it works again; nothing is passed over. A record over which this program itself
 * fails, again and again, is a dead letter too: those behind it are not to wait for our fault.
 * While the broker is away it waits.
 *
 * <p>A thread of its own from {@link #start} to {@link #close}, which waits for the record at hand.
 */
public final class FeedbackConsumer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(FeedbackConsumer.class.getName());
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration COMMIT_MAX = Duration.ofSeconds(5);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(20);

  /** Failures of ours over one record, each after a pause, before it is a dead letter. */
  private static final int STUMBLES_MAX = 3;

  /** What it does, and since when. */
  public record State(Activity activity, Instant since) {
    public enum Activity {
      CONSUMING,
      BROKER_AWAY,
      STORE_FAILING,
      STOPPED
    }
  }

  private final String topic;
  private final ClientProperties properties;
  private final FeedbackEvents events;
  private final DeadLetters deadLetters;
  private final FeedbackIntake intake;
  private final Runnable kept;
  private final Pauses pauses;
  private final Clock clock;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable KafkaConsumer<byte[], byte[]> reading;
  private volatile State state;

  /** The thread's own: as configured, or one at a time since the memory did not do for more. */
  private int pollRecords;

  /** The thread's own: where it last stumbled, and how often there. */
  private String stumbledAt = "";

  private int stumbles;

  /**
   * @param kept called after each piece of feedback that was kept; must return at once
   */
  FeedbackConsumer(
      String topic,
      ClientProperties properties,
      FeedbackEvents events,
      DeadLetters deadLetters,
      FeedbackIntake intake,
      Runnable kept,
      EventLimits limits,
      Clock clock) {
    this.topic = topic;
    this.properties = properties;
    this.events = events;
    this.deadLetters = deadLetters;
    this.intake = intake;
    this.kept = kept;
    this.pauses = new Pauses(limits);
    this.pollRecords = limits.pollRecordsMax();
    this.clock = clock;
    this.state = new State(State.Activity.STOPPED, clock.instant());
    this.thread = Thread.ofPlatform().daemon().name("events feedback").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  public State state() {
    return state;
  }

  private void run() {
    while (!isClosing()) {
      try (KafkaConsumer<byte[], byte[]> consumer =
          new KafkaConsumer<>(properties.feedbackReader(pollRecords))) {
        reading = consumer;
        consumer.subscribe(List.of(topic));
        while (!isClosing()) {
          ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
          if (!consumer.assignment().isEmpty()) {
            is(State.Activity.CONSUMING, "");
            pauses.reset();
          }
          take(consumer, records);
        }
      } catch (WakeupException e) {
        // Closing.
      } catch (KafkaException e) {
        is(State.Activity.BROKER_AWAY, KafkaFailure.reason(e));
        pause();
      } catch (OutOfMemoryError e) {
        // Records that are small on the wire and large when they are unpacked.
        pollRecords = 1;
        LOG.log(
            System.Logger.Level.ERROR,
            "Feedback is read one record at a time from now on: {0}",
            e.getMessage());
        pause();
      } catch (RuntimeException | Error e) {
        LOG.log(System.Logger.Level.ERROR, "Feedback can't be read; tried again", e);
        pause();
      }
    }
    reading = null;
    is(State.Activity.STOPPED, "");
  }

  /** Commits record by record of a partition: what is not committed is read again. */
  private void take(
      KafkaConsumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> records) {
    for (TopicPartition part : records.partitions()) {
      long done = -1;
      try {
        for (ConsumerRecord<byte[], byte[]> record : records.records(part)) {
          if (isClosing() || !settle(record)) {
            break;
          }
          done = record.offset();
        }
      } finally {
        if (done >= 0) {
          consumer.commitSync(Map.of(part, new OffsetAndMetadata(done + 1)), COMMIT_MAX);
        }
      }
      Optional<Long> next =
          records.records(part).stream()
              .map(ConsumerRecord::offset)
              .filter(after(done))
              .findFirst();
      // Held up: read from there again.
      next.ifPresent(offset -> consumer.seek(part, offset));
    }
  }

  private static Predicate<Long> after(long done) {
    return offset -> offset > done;
  }

  /** Whether the record is dealt with for good; if not, there was a pause. */
  private boolean settle(ConsumerRecord<byte[], byte[]> record) {
    try {
      settleOrFail(record);
      return true;
    } catch (TrimtabException e) {
      is(State.Activity.STORE_FAILING, String.valueOf(e.getMessage()));
      pause();
      return false;
    }
  }

  private void settleOrFail(ConsumerRecord<byte[], byte[]> record) {
    Owner owner = new Owner.Unknown();
    try {
      switch (events.read(record)) {
        case Reading.Usable usable -> {
          owner = new Owner.Adapter(usable.feedback().adapter());
          switch (intake.accept(usable.feedback())) {
            case FeedbackOutcome.Kept _ -> kept.run();
            case FeedbackOutcome.Known _ -> {}
            case FeedbackOutcome.Refused(String reason) -> deadLetters.put(record, owner, reason);
          }
        }
        case Reading.Unusable(Owner whose, String reason) -> deadLetters.put(record, whose, reason);
      }
    } catch (TrimtabException | KafkaException | UncheckedIOException e) {
      throw e;
    } catch (RuntimeException e) {
      stumbled(record, owner, e);
    }
  }

  /**
   * Gives a record up over which this program fails as often as it tries.
   *
   * @throws TrimtabException INTERNAL where it is to be tried again
   */
  private void stumbled(
      ConsumerRecord<byte[], byte[]> record, Owner owner, RuntimeException failure) {
    String place = "partition %d, offset %d".formatted(record.partition(), record.offset());
    stumbles = place.equals(stumbledAt) ? stumbles + 1 : 1;
    stumbledAt = place;
    if (stumbles < STUMBLES_MAX) {
      throw new TrimtabException(
          ErrorCode.INTERNAL, "The record at %s: %s".formatted(place, failure), failure);
    }
    LOG.log(System.Logger.Level.ERROR, "The record at " + place + " met a fault of ours", failure);
    deadLetters.put(
        record,
        owner,
        "The server failed over it %d times (%s); its log says more under %s"
            .formatted(stumbles, failure.getClass().getSimpleName(), place));
  }

  private void is(State.Activity now, String why) {
    if (state.activity() != now) {
      state = new State(now, clock.instant());
      LOG.log(
          now == State.Activity.CONSUMING || now == State.Activity.STOPPED
              ? System.Logger.Level.INFO
              : System.Logger.Level.WARNING,
          "Feedback: {0} {1}",
          now,
          why);
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void pause() {
    try {
      var _ = closing.await(pauses.next().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    KafkaConsumer<byte[], byte[]> now = reading;
    if (now != null) {
      now.wakeup();
    }
    try {
      var _ = thread.join(CLOSE_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
