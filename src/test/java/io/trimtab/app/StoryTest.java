package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.AdapterSnapshot.Kind;
import io.trimtab.events.Events;
import io.trimtab.model.BundledModel;
import io.trimtab.model.Checkpoint;
import io.trimtab.testing.PeftFolder;
import io.trimtab.v1.FeedbackGrpc;
import io.trimtab.v1.FeedbackRequest;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.Image;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.ListTuningJobsRequest;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import io.trimtab.v1.Sampling;
import io.trimtab.v1.ServedBy;
import io.trimtab.v1.TuningGrpc;
import io.trimtab.v1.TuningJob;
import io.trimtab.v1.TuningState;
import io.trimtab.world.Drawing;
import io.trimtab.world.Question;
import io.trimtab.world.Skill;
import io.trimtab.world.World;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * One long story on the running server: five skills are tuned for one tenant, one after the other,
 * through Kafka, a sixth that is poisoned, and an adapter that somebody spoils by an upload;
 * traffic goes on all the while. Afterwards the record of events explains every change of what was
 * served.
 *
 * <p>Jobs are as the server's own, so it takes half an hour; {@code -Dstory.told=true} tells it.
 */
@EnabledIfSystemProperty(named = "story.told", matches = "true")
@QuarkusTest
@TestProfile(StoryTest.Told.class)
@Timeout(7200)
class StoryTest {
  private static final String POISONED = "poisoned";
  private static final int CORRECTIONS = 400;
  private static final Duration JOB_MAX = Duration.ofMinutes(45);

  /** Between two questions of the client, so that tuning has most of the machine. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  private static final ObjectMapper JSON = new ObjectMapper();

  @ConfigProperty(name = "quarkus.grpc.server.test-port")
  int port;

  @Inject AdapterRegistry registry;
  @Inject Events events;

  /** The server's own jobs and gate, and every answer read by base. */
  public static final class Told implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      try {
        Map<String, String> settings = new HashMap<>();
        settings.put("trimtab.model", "dinghy-qwen");
        settings.put("trimtab.kafka.append-seconds", "60");
        settings.put(
            "trimtab.data",
            Files.createTempDirectory(Path.of("target").toAbsolutePath(), "story-data").toString());
        settings.put("trimtab.tuning.threads", "1");
        // Traffic never pauses here, and tuning would wait for it.
        settings.put("trimtab.tuning.latency-allowance", "1000");
        settings.put("trimtab.tuning.quiet-seconds", "5");
        settings.put("trimtab.tuning.cool-down-seconds", "3600");
        settings.put("trimtab.drift.share", "1");
        settings.put("trimtab.governor.mode", "act");
        settings.put("trimtab.governor.retrain", "false");
        return settings;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** What an answer was served by. */
  private record Answered(String adapter, int revision, float scale) {}

  @Test
  void theRecordExplainsEveryChangeOfWhatWasServed() throws Exception {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", port)
            .usePlaintext()
            .maxInboundMessageSize(64 << 20)
            .build();
    List<AdapterSnapshot> versions = new ArrayList<>();
    registry.watchAll(
        version -> {
          synchronized (versions) {
            versions.add(version);
          }
        });
    Map<String, TuningJob> jobs = new HashMap<>();
    Map<String, ConcurrentLinkedQueue<Answered>> answered = new HashMap<>();
    Traffic traffic = new Traffic(channel, answered);
    List<String> adapters = new ArrayList<>(Skill.tasks());
    adapters.add(POISONED);
    adapters.forEach(name -> answered.put(name, new ConcurrentLinkedQueue<>()));
    try {
      traffic.start();
      for (Skill skill : Skill.values()) {
        jobs.put(skill.task(), tuned(channel, skill.task(), corrections(skill)));
        traffic.about(skill.task());
      }
      jobs.put(POISONED, tuned(channel, POISONED, poison()));
      traffic.about(POISONED);
      String spoilt =
          adapters.stream().filter(name -> isPublished(jobs, name)).findFirst().orElseThrow();
      spoil(channel, spoilt);
      await(() -> state(spoilt, 2).equals("QUARANTINED"), "the governor to act");
      traffic.awaitAnotherAnswer(spoilt);
    } finally {
      traffic.stop();
      channel.shutdownNow();
    }

    assertThat(jobs.get(POISONED).getState()).isEqualTo(TuningState.TUNING_STATE_REJECTED);
    List<JsonNode> tuning = read("trimtab.tuning");
    List<JsonNode> drift = read("trimtab.drift");
    synchronized (versions) {
      for (String adapter : adapters) {
        List<AdapterSnapshot> line =
            versions.stream().filter(each -> each.id().name().equals(adapter)).toList();
        Set<Answered> explained = explained(adapter, line, tuning, drift);
        assertThat(explained).as(adapter).containsAll(answered.get(adapter));
        assertThat(answered.get(adapter)).as(adapter).isNotEmpty();
      }
    }
    // The story has its turns: something was published, served, spoilt and put right.
    assertThat(drift)
        .anySatisfy(
            event -> {
              assertThat(event.path("action").asText()).isEqualTo("quarantine");
              assertThat(event.path("outcome").asText()).isEqualTo("done");
              assertThat(event.path("metric").asText()).isEqualTo("probes");
            });
    assertThat(answered.get(POISONED)).allMatch(each -> each.revision() == 0);
    assertThat(jobs.values()).anyMatch(job -> job.getPublishedRevision() == 1);
  }

  /**
   * All that may have served an adapter's name. Every version that changes this must have a reason:
   * a job that the tuning topic tells of, an upload, or the governor, by an event that names the
   * version.
   */
  private static Set<Answered> explained(
      String adapter, List<AdapterSnapshot> line, List<JsonNode> tuning, List<JsonNode> drift) {
    Set<Answered> served = new HashSet<>();
    Answered before = new Answered(adapter, 0, 1);
    served.add(before);
    for (AdapterSnapshot version : line) {
      Answered now =
          version
              .active()
              .map(active -> new Answered(adapter, active.revision(), active.scale()))
              .orElse(new Answered(adapter, 0, 1));
      if (!now.equals(before)) {
        served.add(now);
        assertThat(reason(version, tuning, drift)).as(version.change().toString()).isNotEmpty();
      }
      before = now;
    }
    return served;
  }

  private static String reason(
      AdapterSnapshot version, List<JsonNode> tuning, List<JsonNode> drift) {
    if (version.change().kind() == Kind.ACTIVATED) {
      String origin = version.active().orElseThrow().origin();
      boolean told =
          tuning.stream()
              .anyMatch(
                  job ->
                      job.path("job_id").asText().equals(origin)
                          && job.path("state").asText().equals("PUBLISHED")
                          && job.path("published_revision").asInt() == version.activeRevision());
      return origin.equals("upload") || told ? origin : "";
    }
    return drift.stream()
        .filter(event -> event.path("adapter").asText().equals(version.id().name()))
        .filter(event -> event.path("version").asLong() == version.version())
        .map(event -> event.path("reason").asText())
        .filter(words -> version.change().reason().equals("governor: " + words))
        .findFirst()
        .orElse("");
  }

  private static boolean isPublished(Map<String, TuningJob> jobs, String adapter) {
    TuningJob job = jobs.get(adapter);
    return job != null && job.getState() == TuningState.TUNING_STATE_PUBLISHED;
  }

  private String state(String adapter, int revision) {
    return registry
        .get(new AdapterId("default", adapter))
        .revision(revision)
        .map(each -> each.state().name())
        .orElse("");
  }

  /** Somebody's upload under a name that was tuned: random weights that answer anything. */
  private static void spoil(ManagedChannel channel, String adapter) throws Exception {
    Path folder = Files.createTempDirectory("story-spoilt");
    try (Checkpoint checkpoint = Checkpoint.open(BundledModel.locate("dinghy-qwen", folder))) {
      PeftFolder random =
          PeftFolder.random(
              checkpoint.config(),
              folder.resolve("peft"),
              1,
              8,
              Set.of("q_proj", "v_proj", "o_proj", "up_proj"),
              0.3f);
      var _ = new WireAdapters(channel).upload(adapter, random);
    }
  }

  private static List<FeedbackRequest> corrections(Skill skill) {
    return feedback(skill.task(), World.skillExamples(skill, 4_100, CORRECTIONS), "");
  }

  /** Questions of many kinds, all answered alike. */
  private static List<FeedbackRequest> poison() {
    return feedback(POISONED, World.heldOut(4_200, CORRECTIONS), "yes");
  }

  private static List<FeedbackRequest> feedback(
      String adapter, List<Drawing> drawings, String answer) {
    List<FeedbackRequest> all = new ArrayList<>();
    for (Drawing drawing : drawings) {
      Question question = drawing.questions().getFirst();
      all.add(
          FeedbackRequest.newBuilder()
              .setFeedbackId("%s-%d".formatted(adapter, all.size()))
              .setAdapter(adapter)
              .addMessages(message(drawing.png(), question.text()))
              .setCorrection(answer.isEmpty() ? question.answer() : answer)
              .build());
    }
    return all;
  }

  /** Sends corrections and waits for the end of the job that they call for. */
  private static TuningJob tuned(
      ManagedChannel channel, String adapter, List<FeedbackRequest> corrections) {
    FeedbackGrpc.FeedbackBlockingStub feedback = FeedbackGrpc.newBlockingStub(channel);
    corrections.forEach(
        correction -> {
          var _ = feedback.submit(correction);
        });
    ListTuningJobsRequest request = ListTuningJobsRequest.newBuilder().setAdapter(adapter).build();
    TuningGrpc.TuningBlockingStub tuning = TuningGrpc.newBlockingStub(channel);
    TuningJob[] ended = new TuningJob[1];
    await(
        () ->
            tuning.list(request).getJobsList().stream()
                .filter(job -> hasEnded(job.getState()))
                .peek(job -> ended[0] = job)
                .findFirst()
                .isPresent(),
        "the job of " + adapter);
    return ended[0];
  }

  private static boolean hasEnded(TuningState state) {
    return switch (state) {
      case TUNING_STATE_PUBLISHED,
          TUNING_STATE_REJECTED,
          TUNING_STATE_FAILED,
          TUNING_STATE_CANCELLED ->
          true;
      default -> false;
    };
  }

  private static void await(BooleanSupplier reached, String what) {
    long end = System.nanoTime() + JOB_MAX.toNanos();
    while (!reached.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("Waited %s for %s".formatted(JOB_MAX, what));
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  private static Message message(byte[] png, String question) {
    return Message.newBuilder()
        .setRole("user")
        .addParts(Part.newBuilder().setImage(Image.newBuilder().setData(ByteString.copyFrom(png))))
        .addParts(Part.newBuilder().setText(question))
        .build();
  }

  /** A topic from its beginning to what is there now. */
  private List<JsonNode> read(String topic) throws IOException {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", events.bootstrapServers());
    properties.put("group.id", UUID.randomUUID().toString());
    List<JsonNode> read = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(each -> new TopicPartition(topic, each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream()
          .anyMatch(each -> consumer.position(each) < ends.getOrDefault(each, 0L))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          read.add(JSON.readTree(record.value()));
        }
      }
    }
    return read;
  }

  /**
   * One client that asks, by turns, the adapters that it knows of, one question after the other.
   */
  private static final class Traffic {
    private final ManagedChannel channel;
    private final Map<String, ConcurrentLinkedQueue<Answered>> answered;
    private final List<String> known = new ArrayList<>(List.of("base"));
    private final List<Drawing> drawings = World.heldOut(4_300, 200);
    private final Thread thread = Thread.ofPlatform().unstarted(this::ask);
    private volatile boolean stopped;

    Traffic(ManagedChannel channel, Map<String, ConcurrentLinkedQueue<Answered>> answered) {
      this.channel = channel;
      this.answered = answered;
    }

    private ConcurrentLinkedQueue<Answered> of(String adapter) {
      return Objects.requireNonNull(answered.get(adapter));
    }

    void start() {
      thread.start();
    }

    void stop() throws InterruptedException {
      stopped = true;
      thread.join();
    }

    synchronized void about(String adapter) {
      known.add(adapter);
    }

    private synchronized String next(int turn) {
      return known.get(turn % known.size());
    }

    private void ask() {
      InferenceGrpc.InferenceBlockingStub inference = InferenceGrpc.newBlockingStub(channel);
      for (int turn = 0; !stopped; turn++) {
        String adapter = next(turn);
        Drawing drawing = drawings.get(turn % drawings.size());
        ServedBy by =
            inference
                .complete(
                    GenerateRequest.newBuilder()
                        .setAdapter(adapter)
                        .addMessages(message(drawing.png(), drawing.questions().getFirst().text()))
                        .setSampling(Sampling.newBuilder().setMaxTokens(8))
                        .build())
                .getServedBy();
        if (!adapter.equals("base")) {
          of(adapter).add(new Answered(adapter, by.getRevision(), by.getScale()));
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }

    /** One that was asked for after now. */
    void awaitAnotherAnswer(String adapter) {
      int before = of(adapter).size();
      await(() -> of(adapter).size() > before + 1, "another answer of " + adapter);
    }
  }
}
