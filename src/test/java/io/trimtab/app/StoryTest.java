package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.AdapterSnapshot.Kind;
import io.trimtab.app.ServingHistory.Answer;
import io.trimtab.app.ServingHistory.Explanation;
import io.trimtab.app.ServingHistory.Serving;
import io.trimtab.app.ServingHistory.Version;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * One long story on the running server: five skills are tuned for one tenant, one after the other,
 * through Kafka, a sixth that is poisoned, and an adapter that somebody spoils by an upload;
 * traffic goes on all the while. Afterwards each answer is by what was served at some moment of its
 * call, and the record of events has one reason for every change of that ({@link ServingHistory}).
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

  /** A version, and when this test was told of it. */
  private record Seen(AdapterSnapshot snapshot, Instant told) {}

  @Test
  void theRecordExplainsEveryChangeOfWhatWasServed() throws Exception {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", port)
            .usePlaintext()
            .maxInboundMessageSize(64 << 20)
            .build();
    Queue<Seen> told = new ConcurrentLinkedQueue<>();
    registry.watchAll(version -> told.add(new Seen(version, Instant.now())));
    List<String> adapters = new ArrayList<>(Skill.tasks());
    adapters.add(POISONED);
    List<TuningJob> jobs = new ArrayList<>();
    Traffic traffic = new Traffic(channel, adapters);
    String spoilt;
    int upload;
    try {
      traffic.start();
      for (Skill skill : Skill.values()) {
        traffic.about(skill.task());
        jobs.add(tuned(channel, skill.task(), corrections(skill)));
      }
      traffic.about(POISONED);
      jobs.add(tuned(channel, POISONED, poison()));
      // Which skills are learned is for trainer and gate to say; one that is can be spoilt.
      spoilt =
          jobs.stream()
              .filter(job -> job.getState() == TuningState.TUNING_STATE_PUBLISHED)
              .map(TuningJob::getAdapter)
              .findFirst()
              .orElseThrow();
      upload = spoil(channel, spoilt);
      await(() -> state(spoilt, upload).equals("QUARANTINED"), "the governor to act");
      traffic.awaitAnotherAnswer(spoilt);
    } finally {
      traffic.stop();
      channel.shutdownNow();
    }

    // The server goes on: what comes after this moment is not looked at.
    List<Seen> seen = List.copyOf(told);
    List<JsonNode> tuning =
        told("trimtab.tuning", read -> jobs.stream().allMatch(job -> isTold(job, read)));
    List<JsonNode> drift =
        told(
            "trimtab.drift",
            read ->
                seen.stream()
                    .map(Seen::snapshot)
                    .filter(version -> version.change().byGovernor())
                    .allMatch(version -> read.stream().anyMatch(event -> isOf(event, version))));
    for (String adapter : adapters) {
      List<Seen> line =
          seen.stream().filter(each -> each.snapshot().id().name().equals(adapter)).toList();
      List<Explanation> explanations = explanations(adapter, line, tuning, drift);
      if (adapter.equals(spoilt)) {
        // By this test, and so told on no topic.
        explanations.add(new Explanation(activation(line, upload, "upload"), "the upload"));
      }
      assertThat(line).as(adapter).isNotEmpty();
      assertThat(traffic.of(adapter)).as(adapter).isNotEmpty();
      assertThat(
              new ServingHistory(line.stream().map(StoryTest::version).toList())
                  .faults(traffic.of(adapter), explanations))
          .as(adapter)
          .isEmpty();
    }
    assertThat(traffic.of(AdapterId.BASE)).isNotEmpty().allMatch(StoryTest::isByBase);
    // The story has its turns: something was published, served, spoilt and put right.
    assertThat(jobs)
        .allSatisfy(job -> assertThat(isTold(job, tuning)).as(job.getJobId()).isTrue())
        .extracting(TuningJob::getState)
        .containsOnly(TuningState.TUNING_STATE_PUBLISHED, TuningState.TUNING_STATE_REJECTED);
    assertThat(jobs.getLast().getState()).isEqualTo(TuningState.TUNING_STATE_REJECTED);
    assertThat(traffic.of(POISONED)).allMatch(StoryTest::isByBase);
    assertThat(drift)
        .filteredOn(event -> event.path("adapter").asText().equals(spoilt))
        .anySatisfy(
            event -> {
              assertThat(event.path("action").asText()).isEqualTo("quarantine");
              assertThat(event.path("outcome").asText()).isEqualTo("done");
              assertThat(event.path("metric").asText()).isEqualTo("probes");
              assertThat(event.path("revision").asInt()).isEqualTo(upload);
            });
    assertThat(traffic.of(spoilt)).anyMatch(each -> each.by().revision() == upload);
    assertThat(traffic.of(spoilt).getLast().by().revision()).isNotEqualTo(upload);
  }

  private static boolean isByBase(Answer answer) {
    return answer.by().equals(Serving.BASE);
  }

  private static Version version(Seen seen) {
    AdapterSnapshot now = seen.snapshot();
    // A share of the callers would get another revision than the rest.
    assertThat(now.canaryRevision()).as("canary of %s", now.id()).isZero();
    return new Version(
        now.version(),
        now.active()
            .map(active -> new Serving(active.revision(), active.scale()))
            .orElse(Serving.BASE),
        now.change().toString(),
        now.change().time(),
        seen.told());
  }

  /**
   * What the topics say of an adapter's versions: that a job has published a revision, which tells
   * of its first activation, and what the governor did, by an event that names the version. One
   * whose reason is not the version's is of no version (0).
   */
  private static List<Explanation> explanations(
      String adapter, List<Seen> line, List<JsonNode> tuning, List<JsonNode> drift) {
    List<Explanation> all = new ArrayList<>();
    // A job's end may be told twice: by who wrote it, and by who looks after jobs of others.
    Map<String, Integer> published = new TreeMap<>();
    tuning.stream()
        .filter(event -> event.path("adapter").asText().equals(adapter))
        .filter(event -> event.path("state").asText().equals("PUBLISHED"))
        .forEach(
            event ->
                published.put(
                    event.path("job_id").asText(), event.path("published_revision").asInt()));
    published.forEach(
        (job, revision) ->
            all.add(new Explanation(activation(line, revision, job), "the job " + job)));
    long last = line.isEmpty() ? 0 : line.getLast().snapshot().version();
    drift.stream()
        .filter(event -> event.path("adapter").asText().equals(adapter))
        .filter(event -> event.path("version").asLong() > 0)
        .filter(event -> event.path("version").asLong() <= last)
        .forEach(
            event ->
                all.add(
                    new Explanation(
                        line.stream()
                            .map(Seen::snapshot)
                            .filter(version -> isOf(event, version))
                            .findFirst()
                            .map(AdapterSnapshot::version)
                            .orElse(0L),
                        event.path("reason").asText())));
    return all;
  }

  /** Whether the governor's event is of the version. */
  private static boolean isOf(JsonNode event, AdapterSnapshot version) {
    return event.path("adapter").asText().equals(version.id().name())
        && event.path("version").asLong() == version.version()
        && version.change().reason().equals("governor: " + event.path("reason").asText());
  }

  /** The version that first served a revision to all; 0 for none. */
  private static long activation(List<Seen> line, int revision, String origin) {
    return line.stream()
        .map(Seen::snapshot)
        .filter(version -> version.change().kind() == Kind.ACTIVATED)
        .filter(version -> version.activeRevision() == revision)
        .filter(version -> version.active().orElseThrow().origin().equals(origin))
        .findFirst()
        .map(AdapterSnapshot::version)
        .orElse(0L);
  }

  /** Whether the tuning topic tells how a job ended. */
  private static boolean isTold(TuningJob job, List<JsonNode> tuning) {
    return tuning.stream()
        .filter(event -> event.path("job_id").asText().equals(job.getJobId()))
        .filter(event -> job.getState().name().endsWith("_" + event.path("state").asText()))
        .anyMatch(event -> event.path("published_revision").asInt() == job.getPublishedRevision());
  }

  /** A topic's events, once there is enough of them: they are told after the fact. */
  private List<JsonNode> told(String topic, Predicate<List<JsonNode>> enough) {
    try (TopicRecords records = new TopicRecords(events.bootstrapServers(), topic)) {
      return json(records.until(read -> enough.test(json(read))));
    }
  }

  private static List<JsonNode> json(List<ConsumerRecord<byte[], byte[]>> records) {
    return records.stream().map(TopicRecords::json).toList();
  }

  private String state(String adapter, int revision) {
    return registry
        .get(new AdapterId("default", adapter))
        .revision(revision)
        .map(each -> each.state().name())
        .orElse("");
  }

  /** Somebody's upload under a name that was tuned: random weights that answer anything. */
  private static int spoil(ManagedChannel channel, String adapter) throws Exception {
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
      return new WireAdapters(channel).upload(adapter, random).getRevision();
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

  /**
   * One client that asks, by turns, the adapters that it knows of, one question after the other:
   * from before there is such an adapter, when it is not found, to the end.
   */
  private static final class Traffic {
    private final ManagedChannel channel;
    private final Map<String, Queue<Answer>> answered = new HashMap<>();
    private final List<String> known = new ArrayList<>(List.of(AdapterId.BASE));
    private final List<Drawing> drawings = World.heldOut(4_300, 200);
    private final Thread thread = Thread.ofPlatform().unstarted(this::run);
    private volatile boolean stopped;
    private volatile @Nullable RuntimeException failure;

    /**
     * @param adapters that it may be told of later
     */
    Traffic(ManagedChannel channel, List<String> adapters) {
      this.channel = channel;
      answered.put(AdapterId.BASE, new ConcurrentLinkedQueue<>());
      adapters.forEach(name -> answered.put(name, new ConcurrentLinkedQueue<>()));
    }

    /** The answers by a name so far, in their order. */
    List<Answer> of(String adapter) {
      return List.copyOf(queue(adapter));
    }

    private Queue<Answer> queue(String adapter) {
      return Objects.requireNonNull(answered.get(adapter));
    }

    void start() {
      thread.start();
    }

    /** Throws what ended it before. */
    void stop() throws InterruptedException {
      stopped = true;
      thread.join();
      RuntimeException early = failure;
      if (early != null) {
        throw new AssertionError("The client failed", early);
      }
    }

    synchronized void about(String adapter) {
      known.add(adapter);
    }

    private synchronized String next(int turn) {
      return known.get(turn % known.size());
    }

    private void run() {
      InferenceGrpc.InferenceBlockingStub inference = InferenceGrpc.newBlockingStub(channel);
      try {
        for (int turn = 0; !stopped; turn++) {
          ask(inference, next(turn), drawings.get(turn % drawings.size()));
          LockSupport.parkNanos(PAUSE.toNanos());
        }
      } catch (RuntimeException e) {
        failure = e;
      }
    }

    private void ask(
        InferenceGrpc.InferenceBlockingStub inference, String adapter, Drawing drawing) {
      Instant began = Instant.now();
      try {
        ServedBy by =
            inference
                .complete(
                    GenerateRequest.newBuilder()
                        .setAdapter(adapter)
                        .addMessages(message(drawing.png(), drawing.questions().getFirst().text()))
                        .setSampling(Sampling.newBuilder().setMaxTokens(8))
                        .build())
                .getServedBy();
        queue(adapter)
            .add(new Answer(new Serving(by.getRevision(), by.getScale()), began, Instant.now()));
      } catch (StatusRuntimeException e) {
        // Its first version comes with its first revision; from then on it is there.
        if (e.getStatus().getCode() != Status.Code.NOT_FOUND || !queue(adapter).isEmpty()) {
          throw e;
        }
      }
    }

    /** One that was asked for after now. */
    void awaitAnotherAnswer(String adapter) {
      int before = queue(adapter).size();
      await(() -> queue(adapter).size() > before + 1, "another answer of " + adapter);
    }
  }
}
