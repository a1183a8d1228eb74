package io.trimtab.events;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.feedback.Example;
import io.trimtab.adaptation.feedback.ExampleState;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.feedback.KeptExample;
import io.trimtab.adaptation.feedback.PredictionLimits;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.BrokenPictures;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.testing.TurnedClock;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Records that can't be used, from a stranger's producer through the broker to the store of
 * examples: each is a dead letter with its reason, and the good record behind it is kept.
 */
class BadFeedbackTest {
  private static final AdapterId BIRDS = new AdapterId("acme", "birds");
  private static final byte[] KEY = "acme".getBytes(UTF_8);
  private static final AtomicInteger SENT = new AtomicInteger();
  private static final TurnedClock CLOCK = new TurnedClock();

  @TempDir static Path folder;
  private static FileObjectStore store;
  private static AdapterRegistry registry;
  private static ExampleStore examples;
  private static Events events;
  private static FeedbackTopic topic;

  @BeforeAll
  static void open() {
    store = FileObjectStore.open(folder.resolve("store"));
    registry = AdapterRegistry.open(store, AdapterLimits.defaults(), CLOCK);
    TenantPictures pictures = new TenantPictures(store, 1 << 20);
    Predictions predictions = Predictions.open(store, pictures, PredictionLimits.defaults(), CLOCK);
    predict(predictions, "acme", "old");
    CLOCK.turn(Duration.ofDays(2));
    predict(predictions, "acme", "young");
    predict(predictions, "globex", "theirs");
    examples =
        ExampleStore.open(store, registry, pictures, predictions, FeedbackLimits.defaults(), CLOCK);
    EventSettings settings =
        new EventSettings("", 0, "bad", 1, (short) 1, "g", "/test", Map.of(), PatientLimits.get());
    events = Events.start(settings, folder, pictures, Clock.systemUTC());
    var _ = events.consume(examples, () -> {});
    topic = new FeedbackTopic(events.bootstrapServers(), "bad", Map.of());
  }

  @AfterAll
  static void close() {
    topic.close();
    events.close();
    store.close();
  }

  /**
   * @param reason part of what the dead letter says
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Bad(
      String name,
      byte @Nullable [] key,
      byte @Nullable [] value,
      Map<String, byte[]> headers,
      String reason) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Bad> bad() {
    Map<String, byte[]> binary = FeedbackTopic.binary("e1");
    return Stream.of(
        new Bad("no CloudEvent", KEY, bytes(about("f", "young")), Map.of(), "expected the headers"),
        new Bad(
            "a header missing",
            KEY,
            bytes("{}"),
            without("ce_id"),
            "Attribute 'id' cannot be null"),
        new Bad("no JSON", KEY, bytes("wren"), binary, "not JSON of FeedbackRequest"),
        new Bad("JSON of something else", KEY, bytes("[1]"), binary, "not JSON of FeedbackRequest"),
        new Bad(
            "another type",
            KEY,
            bytes(about("f", "young")),
            with("ce_type", bytes("io.somebody.else")),
            "type is 'io.somebody.else', expected io.trimtab.feedback.v1"),
        new Bad("a tombstone", KEY, null, binary, "no value, expected a CloudEvent"),
        new Bad("a value of nothing", KEY, new byte[0], binary, "FeedbackRequest"),
        new Bad("UTF-16", KEY, "{}".getBytes(UTF_16), binary, "data is not UTF-8"),
        new Bad(
            "an id that is not UTF-8",
            KEY,
            bytes(about("", "young")),
            with("ce_id", new byte[] {(byte) 0xff, (byte) 0xfe}),
            "feedback_id is '"),
        new Bad(
            "an id of 10,000 characters",
            KEY,
            bytes(about("x".repeat(10_000), "young")),
            binary,
            "(10000 characters), expected 1 to 128"),
        new Bad(
            "an event's id of 10,000 characters",
            KEY,
            bytes(about("", "young")),
            with("ce_id", bytes("x".repeat(10_000))),
            "(10000 characters), expected 1 to 128"),
        data("neither source", "'correction':'wren'", "Neither came, expected either"),
        data(
            "both sources",
            "'prediction_id':'young','correction':'wren'," + asking(DrawnPictures.png(1).encoded()),
            "Both came, expected either"),
        data(
            "an expired prediction",
            "'prediction_id':'old','correction':'wren'",
            "The prediction 'old' has expired; send the conversation itself"),
        data(
            "another tenant's prediction",
            "'prediction_id':'theirs','correction':'wren'",
            "No prediction 'theirs' is kept"),
        data(
            "a correction of 100,000 characters",
            "'prediction_id':'young','correction':'" + "x".repeat(100_000) + "'",
            "correction has 100000 characters, expected at most 10000"),
        data(
            "an empty correction",
            "'prediction_id':'young','correction':''",
            "Neither a correction nor a rating came"),
        data(
            "a blank correction",
            "'prediction_id':'young','correction':' \\n\\t'",
            "correction is blank, expected what the model should have said"),
        data(
            "half a character",
            "'prediction_id':'young','correction':'\\ud83d'",
            "correction is not Unicode text"),
        data(
            "a special token",
            "'prediction_id':'young','correction':'A wren<|im_end|>'",
            "correction contains '<|im_end|>'"),
        data(
            "a picture's token",
            "'prediction_id':'young','correction':'<image>'",
            "correction contains '<image>'"),
        data(
            "no picture",
            "'correction':'wren'," + asking(bytes("wren")),
            "Expected a picture as PNG, JPEG, WebP, GIF or BMP"),
        data(
            "half a picture",
            "'correction':'wren'," + asking(BrokenPictures.cutShort()),
            "Expected a whole PNG picture"),
        data("a picture bomb", "'correction':'wren'," + asking(BrokenPictures.bomb()), "100000"),
        data("the base model", "'adapter':'base','correction':'wren'", "expected another name"),
        tenant("a/c"),
        tenant("../../etc"),
        tenant("a\u0007\u001b[2Jc"),
        tenant("x".repeat(10_000)),
        new Bad(
            "a key that is not UTF-8",
            new byte[] {(byte) 0xff},
            bytes(about("f", "young")),
            binary,
            "The key is not UTF-8"));
  }

  private static Bad data(String name, String members, String reason) {
    String own = members.contains("'adapter'") ? "" : "'adapter':'never-made',";
    String json = "{'tenant':'acme'," + own + members + "}";
    return new Bad(name, KEY, bytes(json.replace('\'', '"')), FeedbackTopic.binary("e1"), reason);
  }

  private static Bad tenant(String name) {
    return new Bad(
        "the tenant " + name.substring(0, 3),
        bytes(name),
        bytes(about("f", "young")),
        FeedbackTopic.binary("e1"),
        "expected [a-z0-9][a-z0-9._-]{0,62}");
  }

  @ParameterizedTest
  @MethodSource("bad")
  void isADeadLetterThatSaysWhatWasExpectedAndThePartitionGoesOn(Bad bad) throws Exception {
    RecordMetadata sent = topic.send(bad.key(), bad.value(), bad.headers());
    String next = keptBehind();

    ConsumerRecord<byte[], byte[]> letter = topic.letter(sent.offset());
    assertThat(FeedbackTopic.header(letter, DeadLetters.REASON))
        .contains(bad.reason())
        .hasSizeLessThan(1_001)
        .matches(text -> text.chars().noneMatch(Character::isISOControl), "shows itself");
    assertThat(letter.value()).isEqualTo(bad.value());
    assertThat(letter.key()).isEqualTo(bad.key());
    // Nothing was made of it: no example, no adapter.
    assertThat(examples.list(BIRDS)).extracting(BadFeedbackTest::id).contains(next);
    assertThat(registry.list("acme"))
        .extracting(adapter -> adapter.id().name())
        .doesNotContain("never-made");
  }

  @Test
  void theSameIdWithOtherContentsIsToldAndTheFirstCounts() throws Exception {
    var _ = topic.send(KEY, bytes(about("same", "young")), FeedbackTopic.binary("e1"));
    var _ = topic.send(KEY, bytes(about("same", "young")), FeedbackTopic.binary("e2"));
    RecordMetadata other =
        topic.send(
            KEY,
            bytes(about("same", "young").replace("wren", "robin")),
            FeedbackTopic.binary("e3"));
    assertThat(FeedbackTopic.header(topic.letter(other.offset()), DeadLetters.REASON))
        .isEqualTo("feedback_id 'same' is that of other contents, expected a new one");
    assertThat(examples.list(BIRDS))
        .filteredOn(each -> id(each).equals("same"))
        .singleElement()
        .satisfies(each -> assertThat(each.example().correction()).isEqualTo("wren"));
  }

  @Test
  void anAdapterThatNobodyMadeIsMadeAtRevisionZeroWhateverElseTheEventSays() throws Exception {
    AdapterId made = new AdapterId("acme", "new-one");
    String json =
        about("unknown fields", "young")
            .replace("birds", "new-one")
            .replace("{", "{\"field_of_the_future\":{\"a\":[1]},");
    Map<String, byte[]> headers = with("ce_extension", bytes("more"));
    headers.remove("content-type");
    var _ = topic.send(KEY, bytes(json), headers);
    FeedbackTopic.await(() -> !examples.list(made).isEmpty());
    assertThat(registry.get(made).activeRevision()).isZero();
  }

  @Test
  void aSendersClockOfNextYearOrOf1970ChangesNothing() throws Exception {
    Instant nextYear = Instant.now().plus(Duration.ofDays(365));
    for (Instant told : List.of(nextYear, Instant.EPOCH)) {
      Map<String, byte[]> headers = with("ce_time", bytes(told.toString()));
      String id = "told-" + told.getEpochSecond();
      RecordMetadata sent =
          topic.send(told.toEpochMilli(), KEY, bytes(about(id, "young")), headers);
      // Kept as long as any: the broker counts from when it came.
      assertThat(Instant.ofEpochMilli(sent.timestamp()))
          .isBetween(
              Instant.now().minus(Duration.ofMinutes(5)),
              Instant.now().plus(Duration.ofMinutes(5)));
      FeedbackTopic.await(() -> kept(id).isPresent());
      assertThat(kept(id).orElseThrow().received()).isEqualTo(CLOCK.instant());
    }
  }

  /** Sends a good one and waits for it. */
  private static String keptBehind() throws Exception {
    String id = "good-" + SENT.incrementAndGet();
    var _ = topic.send(KEY, bytes(about(id, "young")), FeedbackTopic.binary(id));
    FeedbackTopic.await(() -> kept(id).isPresent());
    return id;
  }

  private static Optional<Example> kept(String id) {
    return examples.list(BIRDS).stream()
        .filter(each -> !(each.state() instanceof ExampleState.Retracted))
        .map(KeptExample::example)
        .filter(each -> each.feedbackId().equals(id))
        .findFirst();
  }

  private static String id(KeptExample kept) {
    return kept.example().feedbackId();
  }

  private static String about(String id, String prediction) {
    return "{\"feedback_id\":\"%s\",\"adapter\":\"birds\",\"prediction_id\":\"%s\",\"correction\":\"wren\"}"
        .formatted(id, prediction);
  }

  private static String asking(byte[] picture) {
    return "'messages':[{'role':'user','parts':[{'image':{'data':'%s'}},{'text':'What?'}]}]"
        .formatted(Base64.getEncoder().encodeToString(picture));
  }

  private static Map<String, byte[]> with(String header, byte[] value) {
    Map<String, byte[]> headers = FeedbackTopic.binary("e1");
    headers.put(header, value);
    return headers;
  }

  private static Map<String, byte[]> without(String header) {
    Map<String, byte[]> headers = new HashMap<>(FeedbackTopic.binary("e1"));
    headers.remove(header);
    return headers;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static void predict(Predictions predictions, String tenant, String id) {
    predictions.keep(
        tenant,
        id,
        "birds",
        List.of(
            new ChatMessage(
                Role.USER,
                Arrays.asList(new PicturePart(DrawnPictures.png(7)), new TextPart("What bird?")))),
        "A tit",
        new ServedBy("fake", "0".repeat(64), "birds", 0, "", 1));
  }
}
