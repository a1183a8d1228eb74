package io.trimtab.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adapter.AdapterId;
import io.trimtab.docs.MarkdownFile;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.TextPart;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The producers in docs/ write records that the reader of feedback takes. */
class DocumentedProducersTest {
  private static final MarkdownFile DOCUMENT =
      MarkdownFile.read(Path.of("docs/feedback-from-your-application.md"));
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What is there of each of these differs from record to record. */
  private static final List<String> MADE_ANEW = List.of("ce_id", "ce_time");

  @TempDir Path folder;

  private Path picture;

  @BeforeEach
  void draw() throws IOException {
    picture = Files.write(folder.resolve("bird.png"), new byte[] {1, 2, 3});
  }

  @Test
  void whatTheJavaProducerWritesIsRead() throws Exception {
    ConsumerRecord<byte[], byte[]> record = fromJava();
    assertThat(record.topic()).isEqualTo(TopicNames.of("trimtab").feedback());
    assertIsTheCorrection(record);
  }

  @Test
  void whatThePythonProducerWritesIsReadAndIsTheSame() throws Exception {
    Optional<ConsumerRecord<byte[], byte[]>> python = fromPython();
    assumeTrue(python.isPresent(), "there is no python3 here");
    assertIsTheCorrection(python.orElseThrow());
    ConsumerRecord<byte[], byte[]> java = fromJava();
    assertThat(headers(python.orElseThrow())).isEqualTo(headers(java));
    assertThat(body(python.orElseThrow())).isEqualTo(body(java));
  }

  private void assertIsTheCorrection(ConsumerRecord<byte[], byte[]> record) {
    FeedbackEvents reader =
        new FeedbackEvents(
            record.topic(),
            new EventRecords("/trimtab", Clock.systemUTC()),
            new FeedbackMessages(
                new SentPictures((tenant, sent) -> sent, (tenant, digest) -> Optional.empty()),
                EventLimits.defaults()),
            EventLimits.defaults());
    FeedbackEvents.Reading reading = reader.read(record);
    assertThat(reading).isInstanceOf(FeedbackEvents.Reading.Usable.class);
    Feedback feedback = ((FeedbackEvents.Reading.Usable) reading).feedback();
    assertThat(feedback.adapter()).isEqualTo(new AdapterId("acme", "birds"));
    assertThat(feedback.id()).isEqualTo(EventRecords.header(record.headers(), "ce_id"));
    assertThat(feedback.answer()).isEqualTo("robin");
    assertThat(feedback.correction()).isEqualTo("wren");
    assertThat(feedback.messages().getFirst().parts())
        .containsExactly(
            new PicturePart(Picture.of(new byte[] {1, 2, 3})),
            new TextPart("What species is this?"));
  }

  private ConsumerRecord<byte[], byte[]> fromJava() throws Exception {
    Path source = Files.writeString(folder.resolve("FeedbackProducer.java"), DOCUMENT.only("java"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    int code =
        compiler.run(
            null,
            null,
            null,
            "-proc:none",
            "-cp",
            System.getProperty("java.class.path"),
            "-d",
            folder.toString(),
            source.toString());
    assertThat(code).isZero();
    try (URLClassLoader classes =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      ProducerRecord<?, ?> record =
          (ProducerRecord<?, ?>)
              classes
                  .loadClass("FeedbackProducer")
                  .getMethod(
                      "record",
                      String.class,
                      String.class,
                      Path.class,
                      String.class,
                      String.class,
                      String.class)
                  .invoke(null, "acme", "birds", picture, "What species is this?", "robin", "wren");
      return received(
          record.topic(),
          ((String) record.key()).getBytes(UTF_8),
          (byte[]) record.value(),
          record.headers());
    }
  }

  private Optional<ConsumerRecord<byte[], byte[]>> fromPython() throws Exception {
    Files.writeString(folder.resolve("producer.py"), DOCUMENT.only("python"));
    Path main =
        Files.writeString(
            folder.resolve("main.py"),
            """
            import base64, json, sys
            from producer import feedback_record
            key, value, headers = feedback_record(
                "acme", "birds", sys.argv[1], "What species is this?", "robin", "wren")
            text = lambda raw: base64.b64encode(raw).decode()
            print(json.dumps([text(key), text(value), {name: text(raw) for name, raw in headers}]))
            """);
    Process process;
    try {
      process =
          new ProcessBuilder("python3", main.toString(), picture.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
    } catch (IOException none) {
      return Optional.empty();
    }
    // To its end: a writer whose reader has gone fails.
    JsonNode printed = JSON.readTree(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    Headers headers = new RecordHeaders();
    printed
        .get(2)
        .properties()
        .forEach(header -> headers.add(header.getKey(), decoded(header.getValue())));
    return Optional.of(
        received("trimtab.feedback", decoded(printed.get(0)), decoded(printed.get(1)), headers));
  }

  private static byte[] decoded(JsonNode text) {
    return Base64.getDecoder().decode(text.textValue());
  }

  private static ConsumerRecord<byte[], byte[]> received(
      String topic, byte[] key, byte[] value, Headers headers) {
    ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(topic, 0, 0, key, value);
    headers.forEach(record.headers()::add);
    return record;
  }

  private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new TreeMap<>();
    record
        .headers()
        .forEach(
            header ->
                headers.put(
                    header.key(),
                    MADE_ANEW.contains(header.key()) ? "" : new String(header.value(), UTF_8)));
    return headers;
  }

  private static JsonNode body(ConsumerRecord<byte[], byte[]> record) throws IOException {
    ObjectNode body = (ObjectNode) JSON.readTree(record.value());
    assertThat(body.remove("feedbackId").textValue())
        .isEqualTo(EventRecords.header(record.headers(), "ce_id"));
    return body;
  }
}
