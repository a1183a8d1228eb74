package io.trimtab.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adapter.AdapterId;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.events.FeedbackEvents.Owner;
import io.trimtab.events.FeedbackEvents.Reading;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a record is read as, whatever it holds. */
class FeedbackEventsTest {
  private static final AdapterId BIRDS = new AdapterId("acme", "birds");
  private static final Map<String, String> BINARY =
      Map.of(
          "ce_specversion", "1.0",
          "ce_type", FeedbackEvents.TYPE,
          "ce_source", "/app",
          "ce_id", "e1",
          "content-type", "application/json");
  private static final Map<String, String> STRUCTURED =
      Map.of("content-type", "application/cloudevents+json; charset=UTF-8");

  private final Map<String, Picture> kept = new HashMap<>();
  private @Nullable TrimtabException storeFailure;

  private final FeedbackEvents events =
      new FeedbackEvents(
          "topic",
          new EventRecords("/test", Clock.systemUTC()),
          new FeedbackMessages(new SentPictures(this::keep, this::find), EventLimits.defaults()),
          EventLimits.defaults());

  private Picture keep(String tenant, Picture picture) {
    kept.put(tenant + "/" + picture.sha256(), picture);
    return picture;
  }

  private Optional<Picture> find(String tenant, String sha256) {
    TrimtabException failure = storeFailure;
    if (failure != null) {
      throw failure;
    }
    return Optional.ofNullable(kept.get(tenant + "/" + sha256));
  }

  @Test
  void whatIsWrittenIsReadAsItWas() {
    for (Feedback each :
        List.of(
            feedback("f1", OptionalDouble.of(-0.5), 3),
            feedback("f2", OptionalDouble.empty(), 3, 600_000, 3),
            feedback("f3", OptionalDouble.of(0), 200_000, 200_000, 200_000, 200_000),
            aboutAPrediction())) {
      ProducerRecord<byte[], byte[]> record = events.write(each);
      assertThat(record.key()).isEqualTo("acme".getBytes(UTF_8));
      assertThat(record.value().length).isLessThan(EventLimits.defaults().recordBytesMax());
      assertThat(events.read(record(record.key(), record.value(), record.headers())))
          .isEqualTo(new Reading.Usable(each));
    }
    // The 600 KB one, and those beyond half of what a record may have.
    assertThat(kept.values())
        .extracting(picture -> picture.encoded().length)
        .contains(600_000, 200_000)
        .doesNotContain(3);
  }

  @Test
  void textThatIsTooLongForARecordIsRefusedWhereItIsWritten() {
    Feedback tooLong = feedback("x".repeat(1_100_000), OptionalDouble.of(1));
    assertThatThrownBy(() -> events.write(tooLong))
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("expected at most 1000000");
  }

  @Test
  void eventsOfOtherProgramsAreReadGenerously() {
    // No tenant, no adapter, no id of its own, and a field of the future.
    Feedback read =
        usable("acme", "{\"prediction_id\":\"p1\",\"correction\":\"wren\",\"hue\":{}}", BINARY);
    assertThat(read.adapter()).isEqualTo(new AdapterId("acme", AdapterId.DEFAULT_NAME));
    assertThat(read.id()).isEqualTo("e1");
    assertThat(read.predictionId()).contains("p1");
    assertThat(read.rating()).isEmpty();
    // No key, camel case, a rating as text, the data's id before the event's.
    Feedback other =
        usable(null, "{\"tenant\":\"acme\",\"feedbackId\":\"f9\",\"rating\":\"-1\"}", BINARY);
    assertThat(other.id()).isEqualTo("f9");
    assertThat(other.rating()).hasValue(-1);
    String inner = "{\"adapter\":\"birds\",\"correction\":\"wren\"}";
    String outer =
        "{\"specversion\":\"1.0\",\"type\":\"%s\",\"source\":\"/a\",\"id\":\"e2\",\"hue\":\"red\",%s}";
    String base64 = Base64.getEncoder().encodeToString(inner.getBytes(UTF_8));
    for (String data : List.of("\"data\":" + inner, "\"data_base64\":\"" + base64 + "\"")) {
      Feedback structured = usable("acme", outer.formatted(FeedbackEvents.TYPE, data), STRUCTURED);
      assertThat(structured.adapter()).isEqualTo(BIRDS);
      assertThat(structured.id()).isEqualTo("e2");
      assertThat(structured.correction()).isEqualTo("wren");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "hello | not JSON of FeedbackRequest",
        "[] | not JSON of FeedbackRequest",
        "{\"rating\":\"much\"} | not JSON of FeedbackRequest",
        "{\"rating\":1e99} | not JSON of FeedbackRequest",
        "{\"messages\":[{\"parts\":[{\"image\":{\"data\":\"!!!\"}}]}]} | not JSON of FeedbackRequest",
        "{\"messages\":[{\"parts\":[{\"text\":\"a\",\"image\":{}}]}]} | not JSON of FeedbackRequest",
        "{\"adapter\":\"../birds\"} | adapter's name is malformed",
        "{\"tenant\":\"a c\"} | The tenant is 'a c'",
        "{\"tenant\":\"globex\"} | The record's key is 'acme', expected its tenant, globex",
        "{\"messages\":[{\"role\":\"bird\"}]} | messages[0].role is 'bird'",
        "{\"messages\":[{\"role\":\"user\",\"parts\":[{}]}]} | messages[0].parts[0] is empty",
        "{\"messages\":[{\"role\":\"user\",\"parts\":[{\"image\":{}}]}]} | image has no source",
        "{\"messages\":[{\"role\":\"user\",\"parts\":[{\"image\":{\"data\":\"\"}}]}]} | data is empty",
        "{\"messages\":[{\"role\":\"user\",\"parts\":[{\"image\":{\"sha256\":\"ab\"}}]}]} | 64 hex digits"
      })
  void dataThatIsNoFeedbackIsUnusable(String data, String reason) {
    assertThat(unusable("acme", data.getBytes(UTF_8), BINARY).reason()).contains(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "ce_type, io.somebody.else, expected io.trimtab.feedback.v1",
    "ce_type, '', expected io.trimtab.feedback.v1",
    "ce_source, 'a b', not a CloudEvent",
    "ce_time, yesterday, not a CloudEvent",
    "ce_specversion, 2.0, not a CloudEvent",
    "ce_specversion, 0.3, expected 1.0",
    "content-type, application/cloudevents+xml, expected application/cloudevents+json",
    "content-type, application/cloudevents-batch+json, expected application/cloudevents+json",
  })
  void headersThatAreNoCloudEventOfOursAreUnusable(String header, String value, String reason) {
    Map<String, String> headers = new HashMap<>(BINARY);
    headers.put(header, value);
    assertThat(unusable("acme", "{}".getBytes(UTF_8), headers).reason()).contains(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "null", "5", "[]", "\"text\"", "{}", "{\"specversion\":null}", "{", "hello"})
  void structuredModeWithoutAnEventIsUnusable(String value) {
    assertThat(unusable("acme", value.getBytes(UTF_8), STRUCTURED).owner())
        .isEqualTo(new Owner.Tenant("acme"));
  }

  @Test
  void recordsWithoutUsableBytesAreUnusable() {
    assertThat(unusable("acme", null, BINARY).reason()).contains("no value");
    assertThat(unusable("acme", new byte[0], BINARY).reason()).isNotBlank();
    assertThat(unusable("acme", new byte[] {'{', (byte) 0xFF, '}'}, BINARY).reason())
        .contains("not UTF-8");
    assertThat(unusable("acme", "{}".getBytes(UTF_8), Map.of()).reason())
        .contains("expected the headers ce_specversion");
    ConsumerRecord<byte[], byte[]> badKey =
        record(new byte[] {(byte) 0xFF}, "{}".getBytes(UTF_8), headers(BINARY));
    assertThat(events.read(badKey))
        .isEqualTo(new Reading.Unusable(new Owner.Unknown(), "The key is not UTF-8"));
    assertThat(unusable("", "{}".getBytes(UTF_8), BINARY).reason()).startsWith("No tenant");
  }

  @Test
  void aRecordOfFiftyMegabytesIsUnusableAndSaysWhatToDo() {
    byte[] value = new byte[50 << 20];
    Arrays.fill(value, (byte) ' ');
    Reading.Unusable reading = unusable("acme", value, BINARY);
    assertThat(reading.reason()).contains("52428800 bytes, expected at most 1000000", "by digest");
    assertThat(reading.owner()).isEqualTo(new Owner.Tenant("acme"));
  }

  @Test
  void deepNestingIsUnusableInBothModes() {
    String deep = "{\"a\":".repeat(100_000);
    String closed = "{\"hue\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    for (String value : List.of(deep, closed, "[".repeat(100_000))) {
      assertThat(unusable("acme", value.getBytes(UTF_8), BINARY).reason()).isNotBlank();
      assertThat(unusable("acme", value.getBytes(UTF_8), STRUCTURED).reason()).isNotBlank();
    }
  }

  @Test
  void aPictureByDigestIsTheTenantsOwnAlone() {
    Picture picture = Picture.of(new byte[] {1, 2, 3});
    keep("acme", picture);
    String data =
        "{\"messages\":[{\"role\":\"user\",\"parts\":[{\"image\":{\"sha256\":\"%s\"}}]}]}";
    String value = data.formatted(picture.sha256().toUpperCase(Locale.ROOT));
    assertThat(usable("acme", value, BINARY).messages().getFirst().pictures())
        .containsExactly(picture);
    Reading.Unusable others = unusable("globex", value.getBytes(UTF_8), BINARY);
    assertThat(others.reason()).contains("send the picture itself");
    assertThat(others.owner())
        .isEqualTo(new Owner.Adapter(new AdapterId("globex", AdapterId.DEFAULT_NAME)));
  }

  @Test
  void aFailingStoreIsNotTheRecordsFault() {
    String data =
        "{\"messages\":[{\"role\":\"user\",\"parts\":[{\"image\":{\"sha256\":\"%s\"}}]}]}"
            .formatted("a".repeat(64));
    storeFailure = new TrimtabException(ErrorCode.UNAVAILABLE, "The disk is away, as if");
    ConsumerRecord<byte[], byte[]> record = record("acme", data.getBytes(UTF_8), BINARY);
    assertThatThrownBy(() -> events.read(record)).isSameAs(storeFailure);
    storeFailure = new TrimtabException(ErrorCode.INTERNAL, "The picture is damaged, as if");
    assertThat(events.read(record)).isInstanceOf(Reading.Unusable.class);
  }

  @Test
  void aDamagedRecordIsReadAsSomething() {
    byte[] data = events.write(feedback("f1", OptionalDouble.of(-0.5), 3)).value();
    String outer =
        "{\"specversion\":\"1.0\",\"type\":\"%s\",\"source\":\"/a\",\"id\":\"e2\",\"data\":%s}"
            .formatted(FeedbackEvents.TYPE, new String(data, UTF_8));
    byte[] letters = "{}[]\",:0e-+.nut\\ \0/".getBytes(UTF_8);
    SplittableRandom random = new SplittableRandom(7);
    for (int trial = 0; trial < 6_000; trial++) {
      boolean structured = trial % 2 == 0;
      byte[] value = (structured ? outer.getBytes(UTF_8) : data).clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        value[random.nextInt(value.length)] =
            random.nextBoolean()
                ? letters[random.nextInt(letters.length)]
                : (byte) random.nextInt(256);
      }
      if (random.nextInt(10) == 0) {
        value = Arrays.copyOf(value, random.nextInt(value.length));
      }
      Map<String, String> headers = new HashMap<>(structured ? STRUCTURED : BINARY);
      if (random.nextInt(10) == 0) {
        headers.put(
            List.copyOf(headers.keySet()).get(random.nextInt(headers.size())),
            new String(value, 0, Math.min(9, value.length), UTF_8));
      }
      assertThat(events.read(record("acme", value, headers))).as("trial %d", trial).isNotNull();
    }
  }

  private Feedback usable(@Nullable String key, String value, Map<String, String> headers) {
    Reading reading = events.read(record(key, value.getBytes(UTF_8), headers));
    assertThat(reading).isInstanceOf(Reading.Usable.class);
    return ((Reading.Usable) reading).feedback();
  }

  private Reading.Unusable unusable(
      String key, byte @Nullable [] value, Map<String, String> headers) {
    Reading reading = events.read(record(key, value, headers));
    assertThat(reading).isInstanceOf(Reading.Unusable.class);
    return (Reading.Unusable) reading;
  }

  private static ConsumerRecord<byte[], byte[]> record(
      @Nullable String key, byte @Nullable [] value, Map<String, String> headers) {
    return record(key == null ? null : key.getBytes(UTF_8), value, headers(headers));
  }

  private static ConsumerRecord<byte[], byte[]> record(
      byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
    return new ConsumerRecord<>(
        "topic", 0, 0, 0, TimestampType.CREATE_TIME, 0, 0, key, value, headers, Optional.empty());
  }

  private static Headers headers(Map<String, String> texts) {
    Headers headers = new RecordHeaders();
    texts.forEach((name, text) -> headers.add(name, text.getBytes(UTF_8)));
    return headers;
  }

  private static Feedback feedback(String id, OptionalDouble rating, int... pictures) {
    List<ChatMessage> messages =
        Arrays.stream(pictures)
            .mapToObj(
                bytes ->
                    new ChatMessage(
                        Role.USER,
                        List.of(
                            new PicturePart(Picture.of(new byte[bytes])),
                            new TextPart("What is it? \u00e9\u4e2d\ud83d\udc26"))))
            .toList();
    return new Feedback(
        id, BIRDS, Optional.empty(), messages, "a tit", "a \"wren\"", rating, List.of("t1", "t2"));
  }

  private static Feedback aboutAPrediction() {
    return new Feedback(
        "f4", BIRDS, Optional.of("p1"), List.of(), "", "wren", OptionalDouble.empty(), List.of());
  }
}
