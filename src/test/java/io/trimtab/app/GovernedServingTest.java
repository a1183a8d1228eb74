package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.quarkus.test.junit.QuarkusTest;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.RevisionState;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.QuestionWords;
import io.trimtab.drift.Served;
import io.trimtab.drift.Shift;
import io.trimtab.model.BundledModel;
import io.trimtab.model.Checkpoint;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.testing.PeftFolder;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.GenerateResponse;
import io.trimtab.v1.Image;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import io.trimtab.v1.Sampling;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a running server serves around the moment at which the governor acts. */
@QuarkusTest
@Timeout(120)
class GovernedServingTest {
  private static final Logger LOG = Logger.getLogger(GovernedServingTest.class);

  /** Another for each run: a run that was killed leaves its own behind. */
  private static final AdapterId GOVERNED =
      new AdapterId("default", "governed-" + UUID.randomUUID().toString().substring(0, 8));

  /** One more than answers at a time, so that some are always under way. */
  private static final int CLIENTS = 4;

  private static final int TOKENS = 200;

  @ConfigProperty(name = "quarkus.grpc.server.test-port")
  int port;

  @Inject AdapterRegistry registry;
  @Inject DriftWatch watch;
  @Inject Quantities quantities;

  @TempDir Path folder;

  /** An answer, and when its call began and ended, in nanoseconds of one clock. */
  private record Call(long began, long ended, GenerateResponse answer) {
    int revision() {
      return answer.getServedBy().getRevision();
    }
  }

  @Test
  void theNextRequestIsServedAsTheGovernorSaysAndThoseUnderWayAsTheyBegan() throws Exception {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", port).usePlaintext().build();
    WireAdapters adapters = new WireAdapters(channel);
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      adapters.upload(GOVERNED.name(), slightlyTuned());
      GenerateResponse before = ask(channel).answer();
      assertThat(before.getServedBy().getRevision()).isEqualTo(1);

      CompletableFuture<Long> acted = new CompletableFuture<>();
      registry.watchAll(
          version -> {
            if (isQuarantined(version)) {
              acted.complete(System.nanoTime());
            }
          });
      List<Future<List<Call>>> traffic = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        traffic.add(clients.submit(untilTheNext(channel, acted)));
      }
      long drifted = drift();
      long moved = acted.get(30, TimeUnit.SECONDS);
      LOG.infof("Acted %d µs after the answer that told the drift", (moved - drifted) / 1_000);

      List<Call> calls = new ArrayList<>();
      for (Future<List<Call>> client : traffic) {
        calls.addAll(client.get(60, TimeUnit.SECONDS));
      }
      assertThat(calls)
          .filteredOn(call -> call.began() > moved)
          .hasSizeGreaterThanOrEqualTo(CLIENTS);
      assertThat(calls)
          .filteredOn(call -> call.began() > moved)
          .allMatch(call -> call.revision() == 0);
      assertThat(calls)
          .filteredOn(call -> call.began() < drifted && call.ended() > moved)
          .isNotEmpty()
          .allSatisfy(
              call -> {
                assertThat(call.answer().getServedBy()).isEqualTo(before.getServedBy());
                assertThat(call.answer().getText()).isEqualTo(before.getText());
              });
    } finally {
      adapters.delete(GOVERNED.name());
      channel.shutdownNow();
    }
  }

  private static boolean isQuarantined(AdapterSnapshot version) {
    return version.id().equals(GOVERNED)
        && version
            .revision(1)
            .filter(revision -> revision.state() == RevisionState.QUARANTINED)
            .isPresent();
  }

  /** So little that no probe fails, and no live answer drifts by itself. */
  private PeftFolder slightlyTuned() throws Exception {
    try (Checkpoint checkpoint = Checkpoint.open(BundledModel.locate("dinghy-llava", folder))) {
      return PeftFolder.random(
          checkpoint.config(), folder.resolve("peft"), 5, 8, Set.of("q_proj", "o_proj"), 0.02f);
    }
  }

  /**
   * Tells the watch of answers that are all numbers, where base says none; when the last was told.
   */
  private long drift() {
    Served served = new Served(GOVERNED, 1, 1);
    QuestionWords words = new QuestionWords(Set.of(1L));
    double[] shifts = new double[quantities.all().size()];
    Arrays.fill(shifts, 0.9);
    shifts[quantities.control()] = 0;
    double[] base = new double[shifts.length];
    for (int question = 0; question < 300 && !isQuarantined(registry.get(GOVERNED)); question++) {
      watch.observe(served, new Shift(shifts, base, shifts, 3), words, 1_000_000 + question);
    }
    return System.nanoTime();
  }

  /** Asks again and again, until one call has begun after the governor has acted. */
  private static Callable<List<Call>> untilTheNext(
      ManagedChannel channel, CompletableFuture<Long> acted) {
    return () -> {
      List<Call> calls = new ArrayList<>();
      boolean isLast;
      do {
        isLast = acted.isDone();
        calls.add(ask(channel));
      } while (!isLast);
      return calls;
    };
  }

  private static Call ask(ManagedChannel channel) {
    GenerateRequest request =
        GenerateRequest.newBuilder()
            .setAdapter(GOVERNED.name())
            .addMessages(
                Message.newBuilder()
                    .setRole("user")
                    .addParts(
                        Part.newBuilder()
                            .setImage(
                                Image.newBuilder()
                                    .setData(ByteString.copyFrom(DrawnPictures.png(1).encoded()))))
                    .addParts(Part.newBuilder().setText("What color is the wing?")))
            .setSampling(Sampling.newBuilder().setMaxTokens(TOKENS).setIgnoreEos(true))
            .build();
    long began = System.nanoTime();
    GenerateResponse answer = InferenceGrpc.newBlockingStub(channel).complete(request);
    return new Call(began, System.nanoTime(), answer);
  }
}
