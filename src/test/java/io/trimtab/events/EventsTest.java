package io.trimtab.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.feedback.Example;
import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.feedback.FeedbackOutcome;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.RevisionState;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.events.ConsumerState.Activity;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.FreePort;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Exit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Feedback and notices through the embedded broker, as Kafka's clients see them. */
class EventsTest {
  private static final AdapterId BIRDS = new AdapterId("t", "birds");
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);

  @TempDir static Path folder;
  private static FileObjectStore store;
  private static TenantPictures pictures;
  private static Events events;

  /** What the intake was given, in order. */
  private static final List<Feedback> ACCEPTED = new CopyOnWriteArrayList<>();

  private static final AtomicInteger FAILURES = new AtomicInteger();

  @BeforeAll
  static void open() {
    store = FileObjectStore.open(folder.resolve("store"));
    pictures = new TenantPictures(store, 1 << 20);
    events = Events.start(settings(""), folder, pictures, Clock.systemUTC());
    events.consume(EventsTest::accept, () -> {});
  }

  @AfterAll
  static void close() {
    events.close();
    store.close();
  }

  private static FeedbackOutcome accept(Feedback feedback) {
    if (FAILURES.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new TrimtabException(ErrorCode.UNAVAILABLE, "The store is away, as if");
    }
    boolean known = ACCEPTED.stream().anyMatch(each -> each.id().equals(feedback.id()));
    ACCEPTED.add(feedback);
    if (feedback.correction().equals("refuse me")) {
      return new FeedbackOutcome.Refused("as ordered");
    }
    return known
        ? new FeedbackOutcome.Known()
        : new FeedbackOutcome.Kept(
            new Example(
                feedback.adapter(),
                feedback.id(),
                Optional.empty(),
                List.of(),
                "",
                feedback.correction(),
                OptionalDouble.empty(),
                List.of(),
                Instant.EPOCH));
  }

  @Test
  void whatIsAppendedIsReadAsItWas() {
    Feedback small = feedback("small", "wren", new byte[] {1, 2, 3});
    // Beyond what travels inline: it goes by its digest, and comes back whole.
    Feedback large = feedback("large", "wren", new byte[400_000]);
    assertThat(events.feedbackLog().append(small).join().partition())
        .isEqualTo(events.feedbackLog().append(large).join().partition());
    await(() -> isAccepted("large"));
    assertThat(accepted("small")).isEqualTo(small);
    assertThat(accepted("large")).isEqualTo(large);
    await(() -> events.feedbackLog().lag("t").orElse(99) == 0);
  }

  @Test
  void whatNobodyReadsIsNotSettledAndItsPictureIsMarkedAsAppended() {
    FileObjectStore own = FileObjectStore.open(folder.resolve("unread"));
    try (own;
        Events unread =
            Events.start(
                settings(events.bootstrapServers(), "unread"),
                folder,
                new TenantPictures(own, 1 << 20),
                Clock.systemUTC())) {
      // An empty topic that nobody has read is read, once it is there.
      await(() -> unread.feedbackProgress().settledUntil().isPresent());
      Instant before = Instant.now();
      var _ = unread.feedbackLog().append(feedback("unread", "wren", new byte[400_000])).join();
      Instant after = Instant.now();
      assertThat(own.lines("appended-pictures")).hasSize(1);
      assertThat(unread.feedbackProgress().settledUntil().orElseThrow()).isBefore(before);
      unread.consume(_ -> new FeedbackOutcome.Known(), () -> {});
      await(() -> unread.feedbackProgress().settledUntil().orElse(before).isAfter(after));
    }
  }

  @Test
  void structuredModeIsReadAsWell() throws Exception {
    String event =
        """
        {"specversion":"1.0","type":"io.trimtab.feedback.v1","source":"/app","id":"structured",
         "datacontenttype":"application/json","data":{"adapter":"birds","tenant":"t",
         "messages":[{"role":"user","parts":[{"text":"What?"}]}],"correction":"wren",
         "field_of_the_future":1}}
        """;
    produce("t", event, Map.of("content-type", "application/cloudevents+json; charset=UTF-8"));
    await(() -> isAccepted("structured"));
    assertThat(accepted("structured").correction()).isEqualTo("wren");
  }

  @Test
  void whatCannotBeUsedIsADeadLetterWithItsReason() throws Exception {
    String good = "{\"adapter\":\"birds\",\"tenant\":\"t\",\"correction\":\"x\"}";
    Map<String, String> binary = binary("dead", "io.trimtab.feedback.v1");
    produce("t", "hello", Map.of());
    produce("t", null, binary);
    produce("t", "not json", binary);
    produce("t", good, binary("dead", "io.somebody.else"));
    produce("t", good.replace("birds", "../birds"), binary);
    produce("other", good, binary);
    produce("t", "{\"messages\":" + "[".repeat(20_000), binary);
    produce("t", good.replace("\"x\"", "\"refuse me\""), binary("refused", FeedbackEvents.TYPE));
    produce(
        "t",
        "{\"tenant\":\"t\",\"messages\":[{\"role\":\"user\",\"parts\":[{\"image\":{\"sha256\":\"%s\"}}]}]}"
            .formatted("a".repeat(64)),
        binary);
    // All of one partition, so when this is read the others are settled.
    var _ = events.feedbackLog().append(feedback("after the dead", "wren", new byte[] {1})).join();
    await(() -> isAccepted("after the dead"));
    List<ConsumerRecord<byte[], byte[]>> letters = deadLetters(9);
    assertThat(letters)
        .extracting(letter -> EventRecords.header(letter.headers(), DeadLetters.REASON))
        .anySatisfy(reason -> assertThat(reason).contains("expected the headers ce_specversion"))
        .anySatisfy(reason -> assertThat(reason).contains("no value, expected a CloudEvent"))
        .anySatisfy(reason -> assertThat(reason).contains("not JSON of FeedbackRequest"))
        .anySatisfy(reason -> assertThat(reason).contains("expected io.trimtab.feedback.v1"))
        .anySatisfy(reason -> assertThat(reason).contains("adapter's name is malformed"))
        .anySatisfy(reason -> assertThat(reason).contains("expected its tenant"))
        .anySatisfy(reason -> assertThat(reason).contains("as ordered"))
        .anySatisfy(reason -> assertThat(reason).contains("a".repeat(64)));
    assertThat(letters)
        .allSatisfy(
            letter ->
                assertThat(EventRecords.header(letter.headers(), "trimtab-topic"))
                    .isEqualTo("tt.feedback"));
    assertThat(events.feedbackLog().deadLettered(BIRDS)).isPositive();

    long before = ACCEPTED.stream().filter(each -> each.id().equals("refused")).count();
    assertThat(events.feedbackLog().redrive("t", 100).join()).isGreaterThanOrEqualTo(5);
    await(() -> ACCEPTED.stream().filter(each -> each.id().equals("refused")).count() > before);
  }

  @Test
  void aFailingStoreHoldsARecordUpAndNothingIsPassedOver() {
    FAILURES.set(3);
    for (int i = 0; i < 5; i++) {
      var _ = events.feedbackLog().append(feedback("held" + i, "wren", new byte[] {1})).join();
    }
    await(() -> isAccepted("held4"));
    assertThat(ACCEPTED.stream().map(Feedback::id).filter(id -> id.startsWith("held")))
        .containsExactly("held0", "held1", "held2", "held3", "held4");
  }

  @Test
  void aChangeInOneRegistryIsSeenByAnotherThroughItsNotice() {
    AdapterRegistry here = AdapterRegistry.open(store, AdapterLimits.defaults(), Clock.systemUTC());
    AdapterRegistry there =
        AdapterRegistry.open(store, AdapterLimits.defaults(), Clock.systemUTC());
    try (Events other =
        Events.start(settings(events.bootstrapServers()), folder, pictures, Clock.systemUTC())) {
      AdapterNotices telling = events.follow(_ -> {}, here::all);
      here.watchAll(telling::announce);
      var _ = other.follow(id -> there.refresh(id), there::all);
      var _ = here.create(BIRDS);
      await(() -> there.list("t").stream().anyMatch(each -> each.id().equals(BIRDS)));
    }
  }

  @Test
  void whatTheWriterWasKilledBeforeTellingIsToldByWhoeverStartsNext() {
    AdapterRegistry there =
        AdapterRegistry.open(store, AdapterLimits.defaults(), Clock.systemUTC());
    AdapterId untold = new AdapterId("t", "untold");
    try (Events other =
        Events.start(settings(events.bootstrapServers()), folder, pictures, Clock.systemUTC())) {
      var _ = other.follow(id -> there.refresh(id), there::all);
      // Written, and nobody told: as if killed between the two.
      var _ =
          AdapterRegistry.open(store, AdapterLimits.defaults(), Clock.systemUTC()).create(untold);
      AdapterRegistry next =
          AdapterRegistry.open(store, AdapterLimits.defaults(), Clock.systemUTC());
      try (Events again =
          Events.start(settings(events.bootstrapServers()), folder, pictures, Clock.systemUTC())) {
        var _ = again.follow(_ -> {}, next::all);
        await(() -> there.list("t").stream().anyMatch(each -> each.id().equals(untold)));
      }
    }
  }

  /** Kafka's own way to end its process, as it does when its disk is full. */
  @Test
  void aBrokerThatGivesUpIsSaidAndEndsNothingElse() {
    try (Events own =
        Events.start(settings(""), folder.resolve("given-up"), pictures, Clock.systemUTC())) {
      assertThat(own.brokerFailure()).isEmpty();

      assertThatThrownBy(() -> Exit.halt(1, "Log dirs have failed"))
          .isInstanceOf(IllegalStateException.class);

      assertThat(own.brokerFailure()).contains("Log dirs have failed");
    }
  }

  @Test
  void afterAStoreWasPutBackItsChangesAreHeardThoughTheTopicSaysHigherVersions() {
    AdapterId kept = new AdapterId("t", "kept");
    AdapterId madeAnew = new AdapterId("t", "made-anew");
    EventSettings settings = settings(events.bootstrapServers(), "restored");
    List<AdapterId> said = new CopyOnWriteArrayList<>();
    try (Events before = Events.start(settings, folder, pictures, Clock.systemUTC());
        Events beside = Events.start(settings, folder, pictures, Clock.systemUTC())) {
      AdapterNotices telling = before.follow(_ -> {}, List::of);
      var _ = beside.follow(said::add, List::of);
      telling.announce(snapshot(kept, 14));
      telling.announce(snapshot(madeAnew, 3));
      await(() -> said.containsAll(List.of(kept, madeAnew)));
    }
    FileObjectStore restored = FileObjectStore.open(folder.resolve("restored"));
    try (restored;
        Events ours = Events.start(settings, folder, pictures, Clock.systemUTC());
        Events theirs = Events.start(settings, folder, pictures, Clock.systemUTC())) {
      AdapterRegistry here = registry(restored);
      var _ = here.create(kept);
      AdapterRegistry there = registry(restored);
      List<AdapterId> heardHere = new CopyOnWriteArrayList<>();
      List<AdapterId> heardThere = new CopyOnWriteArrayList<>();
      AdapterNotices telling = ours.follow(heardHere::add, here::all);
      here.watchAll(telling::announce);
      AdapterNotices others =
          theirs.follow(
              id -> {
                there.refreshAll();
                heardThere.add(id);
              },
              there::all);
      there.watchAll(others::announce);
      await(() -> heardHere.containsAll(List.of(kept, madeAnew)));
      await(() -> heardThere.containsAll(List.of(kept, madeAnew)));
      here.delete(kept, 0, "");
      var _ = here.create(madeAnew);
      await(
          () ->
              there.list("t").stream().map(AdapterSnapshot::id).toList().equals(List.of(madeAnew)));
    }
  }

  private static AdapterRegistry registry(FileObjectStore store) {
    return AdapterRegistry.open(store, AdapterLimits.defaults(), Clock.systemUTC());
  }

  private static AdapterSnapshot snapshot(AdapterId id, long version) {
    return new AdapterSnapshot(
        id,
        version,
        0,
        0,
        0,
        RevisionState.STAGED,
        List.of(),
        List.of(),
        0,
        AdapterSnapshot.Existence.PRESENT,
        new AdapterSnapshot.Change(AdapterSnapshot.Kind.CREATED, 0, "", Instant.EPOCH));
  }

  @Test
  void aBrokerThatIsAwayIsUnavailableInTimeAndGoesOnWhenItIsBack() throws Exception {
    Path own = folder.resolve("away");
    int port = FreePort.find();
    EmbeddedBroker broker = new EmbeddedBroker(own, port);
    broker.start();
    EventSettings impatient =
        settings(broker.address(), "tt", PatientLimits.appendingWithin(Duration.ofSeconds(10)));
    List<Feedback> read = new CopyOnWriteArrayList<>();
    try (Events client = Events.start(impatient, own, pictures, Clock.systemUTC())) {
      client.consume(
          feedback -> {
            read.add(feedback);
            return new FeedbackOutcome.Known();
          },
          () -> {});
      var _ = client.feedbackLog().append(feedback("one", "wren", new byte[] {1})).join();
      await(() -> read.size() == 1);
      await(() -> activity(client) == Activity.CONSUMING);
      broker.close();
      long start = System.nanoTime();
      assertThatThrownBy(
              () -> client.feedbackLog().append(feedback("two", "wren", new byte[] {1})).join())
          .isInstanceOf(CompletionException.class)
          .cause()
          .isInstanceOfSatisfying(
              TrimtabException.class,
              reason -> assertThat(reason.code()).isEqualTo(ErrorCode.UNAVAILABLE));
      // Kafka itself would wait for a minute and more.
      assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(45));
      await(() -> activity(client) == Activity.BROKER_AWAY);
      EmbeddedBroker again = new EmbeddedBroker(own, port);
      again.start();
      try {
        await(
            () -> {
              try {
                var _ =
                    client.feedbackLog().append(feedback("three", "wren", new byte[] {1})).join();
                return true;
              } catch (CompletionException e) {
                return false;
              }
            });
        await(() -> read.stream().anyMatch(each -> each.id().equals("three")));
        await(() -> activity(client) == Activity.CONSUMING);
      } finally {
        again.close();
      }
    }
  }

  @Test
  void theReadersStateSaysWhatHoldsItUp() {
    CountDownLatch mended = new CountDownLatch(1);
    try (Events reading =
        Events.start(
            settings(events.bootstrapServers(), "states"), folder, pictures, Clock.systemUTC())) {
      assertThat(reading.consumerState()).isEmpty();
      reading.consume(
          feedback -> {
            if (mended.getCount() > 0) {
              throw new TrimtabException(ErrorCode.UNAVAILABLE, "The store is away, as if");
            }
            return new FeedbackOutcome.Known();
          },
          () -> {});
      await(() -> activity(reading) == Activity.CONSUMING);
      var _ = reading.feedbackLog().append(feedback("held", "wren", new byte[] {1})).join();
      await(() -> activity(reading) == Activity.STORE_FAILING);
      ConsumerState held = reading.consumerState().orElseThrow();
      assertThat(held.reason()).isEqualTo("The store is away, as if");
      // Tried again meanwhile, which is no news.
      LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
      assertThat(reading.consumerState()).contains(held);
      mended.countDown();
      await(() -> activity(reading) == Activity.CONSUMING);
    }
    try (Events reading =
        Events.start(
            settings(events.bootstrapServers(), "states"), folder, pictures, Clock.systemUTC())) {
      // Tried thrice, it is given up: this stays with the second try until it was looked at.
      AtomicInteger tries = new AtomicInteger();
      CountDownLatch looked = new CountDownLatch(1);
      FeedbackConsumer consumer =
          reading.consume(
              _ -> {
                if (tries.incrementAndGet() == 2) {
                  await(() -> looked.getCount() == 0);
                }
                throw new IllegalStateException("A fault, as if");
              },
              () -> {});
      var _ = reading.feedbackLog().append(feedback("faulty", "wren", new byte[] {1})).join();
      await(() -> activity(reading) == Activity.FAULTY);
      assertThat(consumer.state().reason()).contains("A fault, as if");
      looked.countDown();
      consumer.close();
      assertThat(consumer.state().activity()).isEqualTo(Activity.STOPPED);
    }
  }

  private static Activity activity(Events events) {
    return events.consumerState().orElseThrow().activity();
  }

  @Test
  void aFolderHasOneBroker() {
    assertThatThrownBy(() -> new EmbeddedBroker(folder.resolve("kafka"), 0).start())
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining("kafka");
  }

  private static EventSettings settings(String servers) {
    return settings(servers, "tt");
  }

  private static EventSettings settings(String servers, String prefix) {
    return settings(servers, prefix, PatientLimits.get());
  }

  private static EventSettings settings(String servers, String prefix, EventLimits limits) {
    return new EventSettings(servers, 0, prefix, 2, (short) 1, "g", "/test", Map.of(), limits);
  }

  private static Feedback feedback(String id, String correction, byte[] picture) {
    return new Feedback(
        id,
        BIRDS,
        Optional.empty(),
        List.of(
            new ChatMessage(
                Role.USER,
                List.of(new PicturePart(Picture.of(picture)), new TextPart("What is this?")))),
        "a tit",
        correction,
        OptionalDouble.of(-0.5),
        List.of("tag"));
  }

  private static boolean isAccepted(String id) {
    return ACCEPTED.stream().anyMatch(each -> each.id().equals(id));
  }

  private static Feedback accepted(String id) {
    return ACCEPTED.stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
  }

  private static Map<String, String> binary(String id, String type) {
    return Map.of(
        "ce_specversion",
        "1.0",
        "ce_type",
        type,
        "ce_source",
        "/app",
        "ce_id",
        id,
        "content-type",
        "application/json");
  }

  private static void produce(String key, @Nullable String value, Map<String, String> headers)
      throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", events.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              "tt.feedback", key.getBytes(UTF_8), value == null ? null : value.getBytes(UTF_8));
      headers.forEach((name, text) -> record.headers().add(name, text.getBytes(UTF_8)));
      var _ = producer.send(record).get(60, TimeUnit.SECONDS);
    }
  }

  private static List<ConsumerRecord<byte[], byte[]>> deadLetters(int atLeast) {
    List<ConsumerRecord<byte[], byte[]>> letters = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", events.bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> parts =
          Arrays.asList(
              new TopicPartition("tt.feedback.dlq", 0), new TopicPartition("tt.feedback.dlq", 1));
      consumer.assign(parts);
      consumer.seekToBeginning(parts);
      await(
          () -> {
            consumer.poll(Duration.ofMillis(200)).forEach(letters::add);
            return letters.size() >= atLeast;
          });
    }
    return letters;
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
