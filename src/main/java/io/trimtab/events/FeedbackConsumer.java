package io.trimtab.events;

import io.trimtab.adaptation.feedback.FeedbackIntake;
import io.trimtab.adaptation.feedback.FeedbackOutcome;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.events.ConsumerState.Activity;
import io.trimtab.events.FeedbackEvents.Owner;
import io.trimtab.events.FeedbackEvents.Reading;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the feedback topic. A record is kept by the intake, or is a dead letter, before its offset
 * is committed: killed anywhere, it is read again, and the intake knows it. A failing store holds a
 * record up until it works again; nothing is passed over. While the broker is away it waits.
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

  /** Without a record for so long, the broker is asked whether it is there: a poll does not say. */
  private static final Duration QUIET_MAX = Duration.ofSeconds(2);

  private static final Duration ASK_MAX = Duration.ofSeconds(3);

  private final String topic;
  private final ClientProperties properties;
  private final FeedbackEvents events;
  private final DeadLetters deadLetters;
  private final FeedbackIntake intake;
  private final Runnable kept;
  private final Pauses pauses;
  private final ConsumerStatus status;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable KafkaConsumer<byte[], byte[]> reading;

  /** Records not taken yet, as of the latest poll; -1 where that is not known. */
  private volatile long lag = -1;

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
    this.status = new ConsumerStatus(clock);
    this.thread = Thread.ofPlatform().daemon().name("events feedback").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  public ConsumerState state() {
    return status.now();
  }

  /** Records of this reader's partitions that it has not taken yet, as of its latest poll. */
  OptionalLong lag() {
    long now = lag;
    return now < 0 ? OptionalLong.empty() : OptionalLong.of(now);
  }

  private void run() {
    try {
      status.is(Activity.JOINING, "");
      while (!isClosing()) {
        readUntilFailure();
      }
      status.is(Activity.STOPPED, "");
    } catch (RuntimeException | Error e) {
      status.is(Activity.DEAD, e.toString());
      throw e;
    } finally {
      reading = null;
    }
  }

  private void readUntilFailure() {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties.feedbackReader(pollRecords))) {
      reading = consumer;
      FeedbackOffsets offsets = new FeedbackOffsets(consumer, COMMIT_MAX, status::joined);
      consumer.subscribe(List.of(topic), offsets);
      long heard = System.nanoTime();
      while (!isClosing()) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        if (!records.isEmpty()) {
          lag = lag(consumer, records.count());
          take(consumer, offsets, records);
          lag = lag(consumer, 0);
          heard = System.nanoTime();
        } else if (System.nanoTime() - heard > QUIET_MAX.toNanos()) {
          ask(consumer, offsets);
          lag = lag(consumer, 0);
          heard = System.nanoTime();
        }
      }
    } catch (WakeupException e) {
      // Closing.
    } catch (KafkaException e) {
      status.is(Activity.BROKER_AWAY, KafkaFailure.reason(e));
      pause();
    } catch (OutOfMemoryError e) {
      // Records that are small on the wire and large when they are unpacked.
      pollRecords = 1;
      LOG.log(
          System.Logger.Level.ERROR,
          "Feedback is read one record at a time from now on: {0}",
          e.getMessage());
      status.is(Activity.FAULTY, e.toString());
      pause();
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "Feedback can't be read; tried again", e);
      status.is(Activity.FAULTY, e.toString());
      pause();
    }
  }

  /** As far as the broker has told; asks nobody. */
  private static long lag(KafkaConsumer<byte[], byte[]> consumer, long inHand) {
    long sum = inHand;
    for (TopicPartition part : consumer.assignment()) {
      OptionalLong of = consumer.currentLag(part);
      if (of.isEmpty()) {
        return -1;
      }
      sum += of.getAsLong();
    }
    return sum;
  }

  /** Nothing has come for a while: for want of feedback, or of the broker. */
  private void ask(KafkaConsumer<byte[], byte[]> consumer, FeedbackOffsets offsets) {
    Set<TopicPartition> parts = consumer.assignment();
    try {
      if (parts.isEmpty()) {
        var _ = consumer.listTopics(ASK_MAX);
      } else {
        var _ = consumer.endOffsets(parts, ASK_MAX);
        offsets.commit();
      }
    } catch (TimeoutException e) {
      status.is(Activity.BROKER_AWAY, KafkaFailure.reason(e));
      return;
    }
    if (offsets.isMember()) {
      // Whatever held a record up, there is none now.
      status.is(Activity.CONSUMING, "");
      pauses.reset();
    } else {
      status.is(Activity.JOINING, "");
    }
  }

  /** What is not settled is read again. */
  private void take(
      KafkaConsumer<byte[], byte[]> consumer,
      FeedbackOffsets offsets,
      ConsumerRecords<byte[], byte[]> records) {
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
          offsets.settled(part, done);
          commit(offsets);
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

  private void commit(FeedbackOffsets offsets) {
    try {
      offsets.commit();
    } catch (TimeoutException e) {
      status.is(Activity.BROKER_AWAY, KafkaFailure.reason(e));
    }
  }

  private static Predicate<Long> after(long done) {
    return offset -> offset > done;
  }

  /** Whether the record is dealt with for good; if not, there was a pause. */
  private boolean settle(ConsumerRecord<byte[], byte[]> record) {
    try {
      settleOrFail(record);
      status.is(Activity.CONSUMING, "");
      pauses.reset();
      return true;
    } catch (LetterNotTaken e) {
      status.is(Activity.BROKER_AWAY, String.valueOf(e.getMessage()));
      pause();
      return false;
    } catch (TrimtabException e) {
      Activity activity = e.code() == ErrorCode.INTERNAL ? Activity.FAULTY : Activity.STORE_FAILING;
      status.is(activity, String.valueOf(e.getMessage()));
      pause();
      return false;
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
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
            case FeedbackOutcome.Refused(String reason) -> letter(record, owner, reason);
          }
        }
        case Reading.Unusable(Owner whose, String reason) -> letter(record, whose, reason);
      }
    } catch (TrimtabException | KafkaException | UncheckedIOException | LetterNotTaken e) {
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
    letter(
        record,
        owner,
        "The server failed over it %d times (%s); its log says more under %s"
            .formatted(stumbles, failure.getClass().getSimpleName(), place));
  }

  private void letter(ConsumerRecord<byte[], byte[]> record, Owner owner, String reason) {
    try {
      deadLetters.put(record, owner, reason);
    } catch (TrimtabException e) {
      throw e.code() == ErrorCode.INTERNAL ? e : new LetterNotTaken(e);
    }
  }

  /** The broker's fault, not the store's: both would be UNAVAILABLE. */
  private static final class LetterNotTaken extends RuntimeException {
    LetterNotTaken(TrimtabException cause) {
      super("A dead letter is not taken: " + cause.getMessage(), cause);
    }
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
