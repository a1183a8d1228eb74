package io.trimtab.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adapter.AdapterId;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.FileObjectStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.LogContext;
import org.jboss.logmanager.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that refuses to let this process in for a while. */
class LoginTest {
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);

  @TempDir static Path folder;
  private static ScramBroker broker;
  private static FileObjectStore store;

  @BeforeAll
  static void open() throws Exception {
    broker = ScramBroker.start(folder.resolve("broker"));
    store = FileObjectStore.open(folder.resolve("store"));
  }

  @AfterAll
  static void close() {
    broker.close();
    store.close();
  }

  @Test
  void whoIsMadeKnownToTheBrokerAfterTheStartIsLetInThen() throws Exception {
    passwordFile("late", "right");
    try (Heard heard = Heard.of(RecordSender.class);
        Events events = events("late")) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> append(events, "too early"))
            .isInstanceOf(CompletionException.class)
            .cause()
            .isInstanceOfSatisfying(
                TrimtabException.class,
                reason -> assertThat(reason.code()).isEqualTo(ErrorCode.UNAVAILABLE));
      }
      // Kafka may say so a moment later than we do.
      await(() -> !heard.messages.isEmpty());
      assertThat(heard.messages)
          .singleElement()
          .asString()
          .startsWith("Records for late.feedback can't be sent");
      broker.password("late", "right");
      await(() -> isAppended(events, "in time"));
      await(() -> heard.messages.contains("Records for late.feedback are sent again"));
    }
  }

  @Test
  void aPasswordThatWasChangedIsReadAgain() throws Exception {
    broker.password("changed", "old");
    passwordFile("changed", "old");
    try (Events events = events("changed")) {
      await(() -> isAppended(events, "old"));
      await(() -> events.feedbackLog().lag("t").isPresent());

      broker.password("changed", "new");
      await(() -> !isAppended(events, "refused"));
      await(() -> events.feedbackLog().lag("t").isEmpty());

      passwordFile("changed", "new");
      await(() -> isAppended(events, "new"));
      await(() -> events.feedbackLog().lag("t").isPresent());
    }
  }

  private static Events events(String user) {
    EventLimits usual = EventLimits.defaults();
    EventSettings settings =
        new EventSettings(
            broker.address(),
            0,
            user,
            1,
            (short) 1,
            user,
            "/test",
            Map.of(
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "SCRAM-SHA-256",
                "config.providers",
                "directory",
                "config.providers.directory.class",
                "org.apache.kafka.common.config.provider.DirectoryConfigProvider",
                "sasl.jaas.config",
                "${directory:%s:jaas}".formatted(folder.resolve(user))),
            EventLimits.of(
                usual.recordBytesMax(), usual.inFlightBytesMax(), Duration.ofSeconds(2)));
    return Events.start(settings, folder, new TenantPictures(store, 1 << 20), Clock.systemUTC());
  }

  /** As a mounted Secret has it. */
  private static void passwordFile(String user, String password) throws Exception {
    Files.createDirectories(folder.resolve(user));
    Files.writeString(
        folder.resolve(user).resolve("jaas"),
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(user, password));
  }

  private static boolean isAppended(Events events, String id) {
    try {
      append(events, id);
      return true;
    } catch (CompletionException e) {
      return false;
    }
  }

  private static void append(Events events, String id) {
    var _ =
        events
            .feedbackLog()
            .append(
                new Feedback(
                    id,
                    new AdapterId("t", "birds"),
                    Optional.empty(),
                    List.of(),
                    "a tit",
                    "wren",
                    OptionalDouble.empty(),
                    List.of()))
            .join();
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

  /** What a class logs until it is closed. */
  private static final class Heard extends ExtHandler implements AutoCloseable {
    private final Queue<String> messages = new ConcurrentLinkedQueue<>();
    private final Logger logger;

    private Heard(Logger logger) {
      this.logger = logger;
    }

    static Heard of(Class<?> of) {
      Heard heard = new Heard(LogContext.getLogContext().getLogger(of.getName()));
      heard.logger.addHandler(heard);
      return heard;
    }

    @Override
    protected void doPublish(ExtLogRecord log) {
      messages.add(log.getFormattedMessage());
    }

    @Override
    public void close() {
      logger.removeHandler(this);
    }
  }
}
