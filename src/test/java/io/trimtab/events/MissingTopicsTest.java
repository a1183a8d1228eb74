package io.trimtab.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.feedback.FeedbackOutcome;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adapter.AdapterId;
import io.trimtab.events.ConsumerState.Activity;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.FreePort;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker on which some topics are not there, or take nothing. */
class MissingTopicsTest {
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);

  @TempDir static Path folder;
  private static EmbeddedBroker broker;
  private static FileObjectStore store;
  private static Admin admin;

  @BeforeAll
  static void open() throws Exception {
    broker = new EmbeddedBroker(folder.resolve("broker"), FreePort.find());
    broker.start();
    store = FileObjectStore.open(folder.resolve("store"));
    admin = Admin.create(Map.of("bootstrap.servers", broker.address()));
  }

  @AfterAll
  static void close() {
    admin.close();
    store.close();
    broker.close();
  }

  /** Each report waits for its topic as long as an append may take, and there are many of them. */
  @Test
  void feedbackDoesNotWaitBehindReportsThatNoTopicTakes() throws Exception {
    try (Events events = events("reports")) {
      await(() -> isThere("reports.drift"));
      var _ = events.feedbackLog().append(feedback("before")).join();
      delete("reports.tuning");
      for (int i = 0; i < 10; i++) {
        events.tuningEvents().tell("t", "job" + i, "{}");
      }
      // Behind one of them it would be too late.
      var _ = events.feedbackLog().append(feedback("after")).join();
    }
  }

  @Test
  void aDeadLetterThatTheBrokerDoesNotTakeIsNotTheStoresFault() throws Exception {
    admin
        .createTopics(
            List.of(
                new NewTopic("letters.feedback.dlq", 1, (short) 1)
                    .configs(Map.of("max.message.bytes", "1"))))
        .all()
        .get(60, TimeUnit.SECONDS);
    try (Events events = events("letters")) {
      var _ = events.consume(_ -> new FeedbackOutcome.Refused("as ordered"), () -> {});
      await(() -> isThere("letters.feedback"));
      var _ = events.feedbackLog().append(feedback("refused")).join();
      await(() -> events.consumerState().orElseThrow().reason().contains("max.message.bytes"));
      assertThat(events.consumerState().orElseThrow().activity()).isEqualTo(Activity.BROKER_AWAY);
    }
  }

  private static Events events(String prefix) {
    return Events.start(
        new EventSettings(
            broker.address(),
            0,
            prefix,
            1,
            (short) 1,
            prefix,
            "/test",
            Map.of(),
            PatientLimits.appendingWithin(Duration.ofSeconds(15))),
        folder,
        new TenantPictures(store, 1 << 20),
        Clock.systemUTC());
  }

  private static Feedback feedback(String id) {
    return new Feedback(
        id,
        new AdapterId("t", "birds"),
        Optional.empty(),
        List.of(),
        "a tit",
        "wren",
        OptionalDouble.empty(),
        List.of());
  }

  private static void delete(String topic) throws Exception {
    admin.deleteTopics(List.of(topic)).all().get(60, TimeUnit.SECONDS);
    await(() -> !isThere(topic));
  }

  private static boolean isThere(String topic) {
    try {
      return admin
          .describeTopics(List.of(topic))
          .allTopicNames()
          .get(60, TimeUnit.SECONDS)
          .containsKey(topic);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw new IllegalStateException(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + WAIT_MAX.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("Waited in vain for " + WAIT_MAX);
      }
      LockSupport.parkNanos(20_000_000);
    }
  }
}
