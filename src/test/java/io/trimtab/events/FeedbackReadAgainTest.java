package io.trimtab.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.feedback.FeedbackIntake;
import io.trimtab.adaptation.feedback.FeedbackOutcome;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adapter.AdapterId;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.FileObjectStore;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read again, by whom and where from; each test has topics of its own. */
class FeedbackReadAgainTest {
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);
  private static final FeedbackOutcome KNOWN = new FeedbackOutcome.Known();

  @TempDir static Path folder;
  private static FileObjectStore store;
  private static TenantPictures pictures;
  private static EmbeddedBroker broker;

  @BeforeAll
  static void open() {
    store = FileObjectStore.open(folder.resolve("store"));
    pictures = new TenantPictures(store, 1 << 20);
    broker = new EmbeddedBroker(folder.resolve("kafka"), 0);
    broker.start();
  }

  @AfterAll
  static void close() {
    broker.close();
    store.close();
  }

  @Test
  void whatWasTakenAndNotCommittedIsReadAgain() throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    try (Events first = events("again", 1)) {
      List<String> seen = new CopyOnWriteArrayList<>();
      var _ =
          first.consume(
              feedback -> {
                seen.add(feedback.id());
                if (feedback.id().equals("f3")) {
                  // As if killed before it was kept.
                  taken.countDown();
                  throw new TrimtabException(ErrorCode.UNAVAILABLE, "The disk is away, as if");
                }
                return KNOWN;
              },
              () -> {});
      append(first, "f1", "f2", "f3", "f4");
      assertThat(taken.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(seen).startsWith("f1", "f2", "f3").doesNotContain("f4");
    }
    List<String> seen = new CopyOnWriteArrayList<>();
    try (Events second = events("again", 1)) {
      var _ = second.consume(into(seen), () -> {});
      await(() -> seen.contains("f4"));
      // From the first that was not kept on, in order; what was committed is not.
      assertThat(seen).containsSubsequence("f3", "f4").doesNotContain("f1", "f2");
      await(() -> second.feedbackLog().lag("acme").orElse(99) == 0);
    }
  }

  @Test
  void aRecordThatTheServerItselfFailsOverIsGivenUpAndAHiccupIsNot() {
    List<String> seen = new CopyOnWriteArrayList<>();
    try (Events events = events("stumbled", 1);
        FeedbackTopic topic = new FeedbackTopic(broker.address(), "stumbled", Map.of())) {
      var _ =
          events.consume(
              feedback -> {
                seen.add(feedback.id());
                boolean first = Collections.frequency(seen, feedback.id()) == 1;
                if (feedback.id().equals("poison") || (feedback.id().equals("hiccup") && first)) {
                  throw new IllegalStateException("A fault of ours, as if");
                }
                return KNOWN;
              },
              () -> {});
      append(events, "hiccup", "poison", "behind");
      await(() -> seen.contains("behind"));
      assertThat(seen).containsExactly("hiccup", "hiccup", "poison", "poison", "poison", "behind");
      ConsumerRecord<byte[], byte[]> letter = topic.letter(1);
      assertThat(header(letter, DeadLetters.REASON))
          .isEqualTo(
              "The server failed over it 3 times (IllegalStateException); its log says more under"
                  + " partition 0, offset 1");
      assertThat(header(letter, DeadLetters.TENANT)).isEqualTo("acme");
    }
  }

  @Test
  void theSameRecordTwiceIsToldTwiceForTheIntakeKnowsIt() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    try (Events events = events("twice", 1)) {
      var _ = events.consume(into(seen), () -> {});
      append(events, "f1", "f1", "f2");
      await(() -> seen.contains("f2"));
    }
    assertThat(seen).containsExactly("f1", "f1", "f2");
  }

  @Test
  void topicsHaveThePrefixAndThePartitionsThatAreConfigured() throws Exception {
    try (Events events = events("my-own.prefix", 3);
        Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()))) {
      append(events, "f1");
      Set<String> expected =
          Set.of(
              "my-own.prefix.feedback",
              "my-own.prefix.feedback.dlq",
              "my-own.prefix.adapters",
              "my-own.prefix.tuning",
              "my-own.prefix.drift");
      Collection<TopicDescription> topics =
          admin.describeTopics(expected).allTopicNames().get(60, TimeUnit.SECONDS).values();
      assertThat(topics).hasSize(5).allSatisfy(topic -> assertThat(topic.partitions()).hasSize(3));
    }
  }

  @Test
  void twoOfAGroupReadEachRecordOnce() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    try (Events first = events("group", 4);
        Events second = events("group", 4)) {
      var _ = first.consume(into(seen), () -> {});
      var _ = second.consume(into(seen), () -> {});
      await(
          () ->
              List.of(first, second).stream()
                  .allMatch(
                      each ->
                          each.consumerState()
                              .filter(state -> state.activity() == ConsumerState.Activity.CONSUMING)
                              .isPresent()));
      List<String> sent = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        sent.add("f" + i);
        var _ = first.feedbackLog().append(feedback("tenant-" + i, "f" + i)).join();
      }
      await(() -> seen.size() >= 20);
      assertThat(seen).containsExactlyInAnyOrderElementsOf(sent);
    }
  }

  @Test
  void aDeadLetterHasWhatTheRecordHadAndSaysWhereItLay() throws Exception {
    byte[] large = new byte[1_040_000];
    try (Events events = events("letters", 1);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.address(), "max.request.size", 2_000_000),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        KafkaConsumer<byte[], byte[]> letters =
            new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.address()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
      List<String> seen = new CopyOnWriteArrayList<>();
      var _ = events.consume(into(seen), () -> {});
      append(events, "f1");
      ProducerRecord<byte[], byte[]> bad =
          new ProducerRecord<>("letters.feedback", "acme".getBytes(UTF_8), "hello".getBytes(UTF_8));
      bad.headers().add("ours", "kept".getBytes(UTF_8));
      bad.headers().add("trimtab-reason", "forged".getBytes(UTF_8));
      var _ = producer.send(bad).get(60, TimeUnit.SECONDS);
      var _ =
          producer
              .send(new ProducerRecord<>("letters.feedback", "acme".getBytes(UTF_8), large))
              .get(60, TimeUnit.SECONDS);
      append(events, "f2");
      await(() -> seen.contains("f2"));
      TopicPartition part = new TopicPartition("letters.feedback.dlq", 0);
      letters.assign(List.of(part));
      letters.seekToBeginning(List.of(part));
      List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
      await(
          () -> {
            letters.poll(Duration.ofMillis(200)).forEach(found::add);
            return found.size() >= 2;
          });
      ConsumerRecord<byte[], byte[]> letter = found.getFirst();
      assertThat(letter.key()).isEqualTo("acme".getBytes(UTF_8));
      assertThat(letter.value()).isEqualTo("hello".getBytes(UTF_8));
      assertThat(header(letter, "ours")).isEqualTo("kept");
      assertThat(letter.headers().headers("trimtab-reason")).hasSize(1);
      assertThat(header(letter, "trimtab-reason")).contains("is not a CloudEvent");
      assertThat(header(letter, "trimtab-topic")).isEqualTo("letters.feedback");
      assertThat(header(letter, "trimtab-partition")).isEqualTo("0");
      assertThat(header(letter, "trimtab-offset")).isEqualTo("1");
      assertThat(header(letter, "trimtab-tenant")).isEqualTo("acme");
      ConsumerRecord<byte[], byte[]> cut = found.get(1);
      assertThat(cut.value()).hasSize(4096);
      assertThat(header(cut, "trimtab-reason")).contains("1040000 bytes", "(cut from");
      assertThat(header(cut, "trimtab-cut-from-bytes")).isEqualTo("1040000");
      // The one that is whole, and that once; what is cut can't become whole again.
      assertThat(events.feedbackLog().redrive("globex", 100).join()).isZero();
      assertThat(events.feedbackLog().redrive("acme", 100).join()).isEqualTo(1);
      assertThat(events.feedbackLog().redrive("acme", 0).join()).isZero();
    }
  }

  @Test
  void aRestartKeepsWhatIsThereAndItsPort() {
    Path own = folder.resolve("restarted");
    EventSettings embedded = settings("", "kept", 2);
    String address;
    try (Events before = Events.start(embedded, own, pictures, Clock.systemUTC())) {
      append(before, "f1", "f2");
      address = before.bootstrapServers();
    }
    List<String> seen = new CopyOnWriteArrayList<>();
    try (Events after = Events.start(embedded, own, pictures, Clock.systemUTC())) {
      assertThat(after.bootstrapServers()).isEqualTo(address);
      var _ = after.consume(into(seen), () -> {});
      append(after, "f3");
      await(() -> seen.contains("f3"));
      assertThat(seen).containsExactly("f1", "f2", "f3");
    }
  }

  @Test
  void aFolderOrAPortThatIsTakenIsSaid() throws Exception {
    assertThatThrownBy(() -> new EmbeddedBroker(folder.resolve("kafka"), 0).start())
        .isInstanceOfSatisfying(
            TrimtabException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContaining("Another server uses the embedded broker's folder");
    try (ServerSocket taken = new ServerSocket(0)) {
      int port = taken.getLocalPort();
      EmbeddedBroker second = new EmbeddedBroker(folder.resolve("second"), port);
      assertThatThrownBy(second::start).hasMessageContaining("Port " + port + " is in use");
      // And its folder is free again.
      BrokerFolder.open(folder.resolve("second")).close();
    }
    // The one that was there first is none the worse.
    try (Events events = events("after", 1)) {
      append(events, "f1");
    }
  }

  private static Events events(String prefix, int partitions) {
    return Events.start(
        settings(broker.address(), prefix, partitions), folder, pictures, Clock.systemUTC());
  }

  private static EventSettings settings(String servers, String prefix, int partitions) {
    return new EventSettings(
        servers, 0, prefix, partitions, (short) 1, prefix, "/test", Map.of(), PatientLimits.get());
  }

  private static FeedbackIntake into(List<String> seen) {
    return feedback -> {
      seen.add(feedback.id());
      return KNOWN;
    };
  }

  private static void append(Events events, String... ids) {
    for (String id : ids) {
      var _ = events.feedbackLog().append(feedback("acme", id)).join();
    }
  }

  private static Feedback feedback(String tenant, String id) {
    return new Feedback(
        id,
        new AdapterId(tenant, "birds"),
        Optional.of("p1"),
        List.of(),
        "",
        "wren",
        OptionalDouble.empty(),
        List.of());
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return EventRecords.header(record.headers(), name);
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
