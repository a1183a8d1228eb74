package io.trimtab.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.feedback.FeedbackOutcome;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adapter.AdapterId;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.ChildJvm;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Records of 50 MB, at each place where one can be stopped. */
@Timeout(300)
class OversizedRecordTest {
  private static final int BYTES = 50 << 20;
  private static final byte[] KEY = "acme".getBytes(UTF_8);
  private static final Map<String, Object> LARGE =
      Map.of("max.request.size", 60 << 20, "buffer.memory", 128L << 20);
  private static final Map<String, Object> COMPRESSED =
      Map.of("max.request.size", 60 << 20, "buffer.memory", 128L << 20, "compression.type", "gzip");

  @TempDir static Path folder;
  private static FileObjectStore store;
  private static Events events;

  /** Ids that the intake was given. */
  private static final List<String> SEEN = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void open() {
    store = FileObjectStore.open(folder.resolve("store"));
    EventSettings settings =
        new EventSettings(
            "", 0, "large", 1, (short) 1, "g", "/test", Map.of(), PatientLimits.get());
    events = Events.start(settings, folder, new TenantPictures(store, 1 << 20), Clock.systemUTC());
    var _ =
        events.consume(
            feedback -> {
              SEEN.add(feedback.id());
              return new FeedbackOutcome.Known();
            },
            () -> {});
    appended("first");
  }

  @AfterAll
  static void close() {
    events.close();
    store.close();
  }

  @Test
  void aProducerAsItComesRefusesItItself() {
    try (FeedbackTopic topic = topic(Map.of())) {
      assertThatThrownBy(() -> topic.send(KEY, new byte[BYTES], FeedbackTopic.binary("e1")))
          .isInstanceOf(RecordTooLargeException.class)
          .hasMessageContaining("max.request.size");
    }
    appended("after the producer's");
  }

  @Test
  void theBrokerRefusesItFromAProducerThatWouldSendIt() {
    try (FeedbackTopic topic = topic(LARGE)) {
      assertThatThrownBy(() -> topic.send(KEY, noise(), FeedbackTopic.binary("e1")))
          .isInstanceOf(RecordTooLargeException.class);
    }
    appended("after the broker's");
  }

  @Test
  void whatPassesTheBrokerCompressedIsADeadLetterAndThePartitionGoesOn() throws Exception {
    byte[] blanks = new byte[BYTES];
    Arrays.fill(blanks, (byte) ' ');
    try (FeedbackTopic topic = topic(COMPRESSED)) {
      RecordMetadata sent = topic.send(KEY, blanks, FeedbackTopic.binary("e1"));
      assertThat(sent.serializedValueSize()).isEqualTo(BYTES);
      appended("after the compressed one");
      isCut(topic.letter(sent.offset()));
    }
  }

  @Test
  void whereTheOperatorLetsItThroughItIsADeadLetterAndThePartitionGoesOn() throws Exception {
    allow("large.feedback", 60 << 20);
    try (FeedbackTopic topic = topic(LARGE)) {
      RecordMetadata sent = topic.send(KEY, noise(), FeedbackTopic.binary("e1"));
      appended("after the allowed one");
      isCut(topic.letter(sent.offset()));
    } finally {
      allow("large.feedback", 1 << 20);
    }
  }

  @Test
  void whatTheServerIsToAppendIsRefusedBeforeItIsSent() {
    assertThatThrownBy(
            () -> events.feedbackLog().append(feedback("large", "x".repeat(BYTES))).join())
        .cause()
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("expected at most 1000000");
    appended("after the server's");
  }

  /** Reads feedback and says the ids. */
  static final class SmallReader {
    public static void main(String[] arguments) throws Exception {
      Path own = Path.of(arguments[1]);
      EventSettings settings =
          new EventSettings(
              arguments[0], 0, "small", 1, (short) 1, "g", "/test", Map.of(), PatientLimits.get());
      try (FileObjectStore empty = FileObjectStore.open(own.resolve("store"));
          Events reading =
              Events.start(settings, own, new TenantPictures(empty, 1), Clock.systemUTC())) {
        System.out.println("started");
        var _ = System.in.read();
        var _ =
            reading.consume(
                feedback -> {
                  System.out.println(feedback.id());
                  return new FeedbackOutcome.Known();
                },
                () -> {});
        var _ = System.in.read();
      }
    }
  }

  /** A few kilobytes on the wire, and together more than the reader's heap. */
  @Test
  void whatTogetherIsMoreThanTheHeapIsReadOneByOne() throws Exception {
    Path own = Files.createDirectories(folder.resolve("small"));
    Process reader =
        ChildJvm.start(
            own, "-Xmx160m", SmallReader.class, events.bootstrapServers(), own.toString());
    try (BufferedReader said = reader.inputReader();
        FeedbackTopic topic = new FeedbackTopic(events.bootstrapServers(), "small", COMPRESSED)) {
      assertThat(said.readLine()).isEqualTo("started");
      byte[] blanks = new byte[20 << 20];
      Arrays.fill(blanks, (byte) ' ');
      RecordMetadata last = topic.send(KEY, blanks, FeedbackTopic.binary("e1"));
      for (int i = 0; i < 15; i++) {
        last = topic.send(KEY, blanks, FeedbackTopic.binary("e1"));
      }
      byte[] good = "{\"prediction_id\":\"p1\",\"correction\":\"wren\"}".getBytes(UTF_8);
      var _ = topic.send(KEY, good, FeedbackTopic.binary("good"));
      reader.getOutputStream().write('\n');
      reader.getOutputStream().flush();
      assertThat(said.readLine()).isEqualTo("good");
      assertThat(topic.letter(last.offset()).value()).hasSize(4096);
    } finally {
      reader.destroyForcibly();
    }
  }

  private static void isCut(ConsumerRecord<byte[], byte[]> letter) {
    assertThat(FeedbackTopic.header(letter, DeadLetters.REASON))
        .contains("The record has 52428800 bytes, expected at most 1000000", "by digest", "cut");
    assertThat(letter.value()).hasSize(4096);
  }

  private static FeedbackTopic topic(Map<String, Object> more) {
    return new FeedbackTopic(events.bootstrapServers(), "large", more);
  }

  private static byte[] noise() {
    byte[] noise = new byte[BYTES];
    new Random(5).nextBytes(noise);
    return noise;
  }

  private static void allow(String topic, int bytes) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", events.bootstrapServers()))) {
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      ConfigEntry limit = new ConfigEntry("max.message.bytes", Integer.toString(bytes));
      var _ =
          admin
              .incrementalAlterConfigs(
                  Map.of(resource, List.of(new AlterConfigOp(limit, AlterConfigOp.OpType.SET))))
              .all()
              .get(60, TimeUnit.SECONDS);
      // The controller has it; the broker that the topic lies on hears of it next.
      FeedbackTopic.await(() -> limit(admin, resource).equals(limit.value()));
    }
  }

  private static String limit(Admin admin, ConfigResource topic) {
    try {
      Config described =
          Objects.requireNonNull(
              admin.describeConfigs(List.of(topic)).all().get(60, TimeUnit.SECONDS).get(topic));
      return Objects.requireNonNull(described.get("max.message.bytes")).value();
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  /** Appends a good one, and waits until it is read. */
  private static void appended(String id) {
    var _ = events.feedbackLog().append(feedback(id, "wren")).join();
    FeedbackTopic.await(() -> SEEN.contains(id));
  }

  private static Feedback feedback(String id, String correction) {
    return new Feedback(
        id,
        new AdapterId("acme", "birds"),
        Optional.of("p1"),
        List.of(),
        "",
        correction,
        OptionalDouble.empty(),
        List.of());
  }
}
