package io.trimtab.app;

import static io.trimtab.app.TopicRecords.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.adaptation.governor.Governor;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.RevisionState;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.Served;
import io.trimtab.events.Events;
import io.trimtab.model.BundledModel;
import io.trimtab.model.Checkpoint;
import io.trimtab.serving.metrics.Scrape;
import io.trimtab.testing.PeftFolder;
import io.trimtab.v1.DriftGrpc;
import io.trimtab.v1.DriftMetric;
import io.trimtab.v1.DriftReference;
import io.trimtab.v1.DriftReport;
import io.trimtab.v1.DriftReportRequest;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.Image;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import io.trimtab.v1.Sampling;
import io.trimtab.world.Drawing;
import io.trimtab.world.World;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the drift watch of a running server reads of live answers, and where that is told. */
@QuarkusTest
@TestProfile(WatchedServingTest.Watching.class)
@Timeout(600)
class WatchedServingTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Each of another picture: what was just asked is not read again. */
  private static final List<Drawing> DRAWINGS = World.heldOut(4_400, 24);

  private static final String READ = "trimtab_shadow_answers_total{outcome=\"read\",}";
  private static final String TOKENS = "trimtab_shadow_tokens_total";

  /** What no gate has seen is warned of at most. */
  private static final Set<io.trimtab.v1.DriftLevel> LEVELS =
      Set.of(
          io.trimtab.v1.DriftLevel.DRIFT_LEVEL_STABLE,
          io.trimtab.v1.DriftLevel.DRIFT_LEVEL_WARNING);

  private static final String[] FIELDS = {
    "time",
    "tenant",
    "adapter",
    "revision",
    "scale",
    "signal_time",
    "metric",
    "level",
    "statistic",
    "threshold",
    "excess",
    "cause",
    "answers",
    "detail",
    "action",
    "outcome",
    "version",
    "reason"
  };

  @ConfigProperty(name = "quarkus.grpc.server.test-port")
  int port;

  @TestHTTPResource("/metrics")
  URI metrics;

  @Inject AdapterRegistry registry;
  @Inject Governor governor;
  @Inject Events events;

  @TempDir Path folder;

  /** Another for each test and run: a run that was killed leaves its own behind. */
  private final AdapterId watched =
      new AdapterId("default", "watched-" + UUID.randomUUID().toString().substring(0, 8));

  private ManagedChannel channel;

  /** Every live answer is read, and the governor acts. */
  public static final class Watching implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "trimtab.drift.share", "1",
          // The least there may be, so that some ten answers do for a warning.
          "trimtab.drift.average-run-length", "100",
          "trimtab.governor.mode", "act");
    }
  }

  @BeforeEach
  void connect() {
    channel = ManagedChannelBuilder.forAddress("localhost", port).usePlaintext().build();
  }

  @AfterEach
  void disconnect() {
    new WireAdapters(channel).delete(watched.name());
    channel.shutdownNow();
  }

  @Test
  void liveAnswersAreReadByBaseAndWhatIsDoneAboutASignalIsToldOnTheTopic() throws Exception {
    // So little that no probe fails, and no live answer drifts by itself.
    upload(Set.of("q_proj", "o_proj"), 0.02f);
    Scrape before = scrape();
    DRAWINGS.forEach(this::ask);

    DriftReport report = reportOnceAllWereRead();
    assertThat(report.getRevision()).isEqualTo(1);
    assertThat(report.getReference()).isEqualTo(DriftReference.DRIFT_REFERENCE_BASE);
    assertThat(report.getTokensObserved()).isGreaterThanOrEqualTo(DRAWINGS.size());
    assertThat(report.getShadow().getShare()).isEqualTo(1);
    assertThat(report.getShadow().getFailed()).isZero();
    assertThat(report.getMetricsList()).hasSize(13).allSatisfy(WatchedServingTest::isSound);
    // It was another model that read them, if one that hardly differs.
    assertThat(report.getMetricsList())
        .anyMatch(metric -> metric.getBase() > 0 && metric.getBase() != metric.getTuned());

    Scrape after = scrapeOnceTold(before, report.getTokensObserved());
    assertThat(after.value("trimtab_shadow_share")).isEqualTo(1);
    assertThat(after.value("trimtab_drift_level" + labels()))
        .isEqualTo(report.getLevel().getNumber() - 1);
    assertThat(after.value("trimtab_drift_answers_read" + labels())).isEqualTo(DRAWINGS.size());
    assertThat(after.value("trimtab_drift_evidence_ratio" + labels())).isBetween(0.0, 1.0);

    DriftSignal signal = drifted();
    governor.signal(signal);
    List<ConsumerRecord<byte[], byte[]>> told =
        told(event -> event.path("action").asText().equals("quarantine"));
    assertThat(told).hasSize(1);
    AdapterSnapshot now = registry.get(watched);
    assertThat(now.revision(1).orElseThrow().state()).isEqualTo(RevisionState.QUARANTINED);
    assertThat(ask(DRAWINGS.getFirst())).isZero();
    isAsDocumented(told.getFirst());
    JsonNode event = json(told.getFirst());
    assertThat(Instant.parse(event.path("time").asText())).isBetween(signal.time(), Instant.now());
    assertThat(event.path("signal_time").asText()).isEqualTo(signal.time().toString());
    assertThat(event.path("adapter").asText()).isEqualTo(watched.name());
    assertThat(event.path("revision").asInt()).isEqualTo(1);
    assertThat(event.path("scale").asDouble()).isEqualTo(1);
    assertThat(event.path("metric").asText()).isEqualTo("numbers_bias+");
    assertThat(event.path("level").asText()).isEqualTo("drift");
    assertThat(event.path("statistic").asDouble()).isEqualTo(20_000);
    assertThat(event.path("threshold").asDouble()).isEqualTo(10_000);
    assertThat(event.path("excess").asDouble()).isEqualTo(0.5);
    assertThat(event.path("cause").asText()).isEqualTo("model");
    assertThat(event.path("answers").asLong()).isEqualTo(100);
    assertThat(event.path("detail").asText()).isEqualTo("says numbers");
    assertThat(event.path("outcome").asText()).isEqualTo("done");
    assertThat(event.path("version").asLong()).isEqualTo(now.version());
    assertThat(event.path("reason").asText()).isEqualTo("numbers_bias+: says numbers");
    assertThat(now.change().reason()).isEqualTo("governor: numbers_bias+: says numbers");
  }

  /** Nobody hands a signal over here: it comes of what base reads. */
  @Test
  void aRevisionWhoseLiveAnswersLieFarFromBaseIsWarnedOfOnTheTopic() throws Exception {
    upload(Set.of("q_proj", "v_proj", "o_proj", "up_proj"), 0.3f);
    DRAWINGS.forEach(this::ask);

    List<ConsumerRecord<byte[], byte[]>> told =
        told(event -> event.path("cause").asText().equals("unknown"));
    assertThat(told).as("%s", report()).isNotEmpty();
    isAsDocumented(told.getFirst());
    JsonNode event = json(told.getFirst());
    assertThat(event.path("revision").asInt()).isEqualTo(1);
    assertThat(event.path("scale").asDouble()).isEqualTo(1);
    assertThat(event.path("level").asText()).isEqualTo("warning");
    assertThat(event.path("answers").asInt()).isBetween(8, DRAWINGS.size());
    assertThat(event.path("statistic").asDouble())
        .isGreaterThanOrEqualTo(event.path("threshold").asDouble());
    assertThat(event.path("detail").asText()).contains("above what the distance from base allows");
    // No gate has seen it, so it is probed at once, and may have been taken away meanwhile.
    assertThat(event.path("action").asText()).isIn("warn", "none");
    assertThat(event.path("outcome").asText()).isEqualTo("done");
    assertThat(event.path("version").asLong()).isZero();
  }

  private void upload(Set<String> targets, float amplitude) throws Exception {
    try (Checkpoint checkpoint = Checkpoint.open(BundledModel.locate("dinghy-llava", folder))) {
      PeftFolder delta =
          PeftFolder.random(checkpoint.config(), folder.resolve("peft"), 5, 8, targets, amplitude);
      assertThat(new WireAdapters(channel).upload(watched.name(), delta).getRevision())
          .isEqualTo(1);
    }
  }

  /** Asks a drawing's first question by the adapter's name; the revision that answered. */
  private int ask(Drawing drawing) {
    GenerateRequest request =
        GenerateRequest.newBuilder()
            .setAdapter(watched.name())
            .addMessages(
                Message.newBuilder()
                    .setRole("user")
                    .addParts(
                        Part.newBuilder()
                            .setImage(
                                Image.newBuilder().setData(ByteString.copyFrom(drawing.png()))))
                    .addParts(Part.newBuilder().setText(drawing.questions().getFirst().text())))
            .setSampling(Sampling.newBuilder().setMaxTokens(8))
            .build();
    return InferenceGrpc.newBlockingStub(channel).complete(request).getServedBy().getRevision();
  }

  /** What is read in the background is read a moment later. */
  private DriftReport reportOnceAllWereRead() {
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    DriftReport report = report();
    while (report.getAnswersRead() < DRAWINGS.size() && System.nanoTime() < giveUp) {
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      report = report();
    }
    assertThat(report.getAnswersRead()).isEqualTo(DRAWINGS.size());
    return report;
  }

  private DriftReport report() {
    return DriftGrpc.newBlockingStub(channel)
        .report(DriftReportRequest.newBuilder().setAdapter(watched.name()).build());
  }

  private static void isSound(DriftMetric metric) {
    assertThat(metric.getLevel()).isIn(LEVELS);
    assertThat(metric.getBase()).isBetween(0.0, 1.0);
    assertThat(metric.getTuned()).isBetween(0.0, 1.0);
    assertThat(metric.getExcess()).isBetween(-1.0, 1.0);
    assertThat(metric.getStatistic()).isFinite().isNotNegative();
    assertThat(metric.getThreshold()).isFinite().isPositive();
    assertThat(metric.getWarningStatistic()).isFinite().isNotNegative();
    assertThat(metric.getWarningThreshold()).isFinite().isPositive();
  }

  private String labels() {
    return "{tenant=\"default\",adapter=\"%s\",served=\"active\",}".formatted(watched.name());
  }

  private Scrape scrape() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(metrics).header("Accept", "text/plain").build();
      return new Scrape(http.send(request, BodyHandlers.ofString()).body());
    }
  }

  /**
   * The metrics once these answers are counted, which they are after they are reported. Late ones
   * of the other test may be among them.
   */
  private Scrape scrapeOnceTold(Scrape before, double tokens) throws Exception {
    double answers = before.value(READ) + DRAWINGS.size();
    double all = before.value(TOKENS) + tokens;
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    Scrape now = scrape();
    while (now.value(TOKENS) < all && System.nanoTime() < giveUp) {
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      now = scrape();
    }
    assertThat(now.value(READ)).isGreaterThanOrEqualTo(answers);
    assertThat(now.value(TOKENS)).isGreaterThanOrEqualTo(all);
    return now;
  }

  /** Drift far beyond the envelope, as the watch would signal it. */
  private DriftSignal drifted() {
    return new DriftSignal(
        Instant.now(),
        new Served(watched, 1, 1),
        "numbers_bias+",
        DriftLevel.DRIFT,
        20_000,
        10_000,
        0.5,
        DriftSignal.Cause.MODEL,
        100,
        "says numbers");
  }

  /** The events of this adapter that are wanted, once the first has come. */
  private List<ConsumerRecord<byte[], byte[]>> told(Predicate<JsonNode> wanted) {
    Predicate<ConsumerRecord<byte[], byte[]>> found =
        record ->
            json(record).path("adapter").asText().equals(watched.name())
                && wanted.test(json(record));
    try (TopicRecords topic = new TopicRecords(events.bootstrapServers(), "trimtab.drift")) {
      return topic.until(read -> read.stream().anyMatch(found)).stream().filter(found).toList();
    }
  }

  /** As docs/operating.md has it. */
  private static void isAsDocumented(ConsumerRecord<byte[], byte[]> record) {
    assertThat(new String(record.key(), UTF_8)).isEqualTo("default");
    assertThat(header(record, "ce_specversion")).isEqualTo("1.0");
    assertThat(header(record, "ce_type")).isEqualTo("io.trimtab.drift.v1");
    assertThat(header(record, "ce_id")).isNotEmpty();
    assertThat(header(record, "ce_source")).isNotEmpty();
    assertThat(header(record, "content-type")).isEqualTo("application/json");
    JsonNode event = json(record);
    assertThat(event.fieldNames()).toIterable().containsExactlyInAnyOrder(FIELDS);
    assertThat(event.path("tenant").asText()).isEqualTo("default");
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }
}
