package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.feedback.PredictionLimits;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adaptation.job.JobState;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adaptation.probes.ProbeFolder;
import io.trimtab.adaptation.probes.ProbeLine;
import io.trimtab.adaptation.probes.ProbeUse;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.Revision;
import io.trimtab.events.Events;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.BrokerProcess;
import io.trimtab.testing.ChildJvm;
import io.trimtab.world.Drawing;
import io.trimtab.world.Skill;
import io.trimtab.world.World;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Server, trainer and broker, each a process of its own, are killed by themselves at random moments
 * of consuming, training, judging and publishing, and started again. Two seeds by default; {@code
 * -Dtrimtab.kill-seeds=30} runs as many.
 */
class KilledAnywhereTest {
  private static final AdapterId ADAPTER = new AdapterId("t", "gauges");
  private static final Duration RUN_MAX = Duration.ofMinutes(10);
  private static final int KILLS = 3;

  @TempDir Path folder;

  static LongStream seeds() {
    return LongStream.rangeClosed(1, Integer.getInteger("trimtab.kill-seeds", 2));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void nothingIsLostAndNothingIsDoubled(long seed) throws Exception {
    Random random = new Random(seed);
    Path data = folder.resolve("data");
    Path probes = probes();
    Set<String> acknowledged = new HashSet<>();
    List<String> killed = new ArrayList<>();
    try (BrokerProcess broker = BrokerProcess.start(folder)) {
      AtomicReference<Process> server = new AtomicReference<>(start(data, probes, broker));
      Thread sender = Thread.ofPlatform().start(() -> send(broker.address(), acknowledged));
      try {
        for (int kill = 0; kill < KILLS; kill++) {
          Thread.sleep(random.nextLong(kill == 0 ? 9_000 : 14_000));
          killed.add(kill(random, server, broker, data, probes));
        }
        sender.join(Duration.ofMinutes(3));
        assertThat(acknowledged)
            .as("acknowledged, seed %d, killed %s", seed, killed)
            .hasSize(LoopUnderKill.EXAMPLES);
        awaitTheEnd(data, seed);
      } finally {
        sender.interrupt();
        end(Objects.requireNonNull(server.get()));
      }
    }
    requireWhole(data, acknowledged, seed);
  }

  /** Returns what was killed. */
  private String kill(
      Random random, AtomicReference<Process> server, BrokerProcess broker, Path data, Path probes)
      throws Exception {
    Process now = Objects.requireNonNull(server.get());
    int which = random.nextInt(3);
    if (which == 0) {
      broker.kill();
      Thread.sleep(random.nextLong(3_000));
      broker.startAgain();
      return "broker";
    }
    Optional<ProcessHandle> trainer = now.descendants().findFirst();
    if (which == 1 && trainer.isPresent()) {
      var _ = trainer.get().destroyForcibly();
      return "trainer";
    }
    end(now);
    server.set(start(data, probes, broker));
    return "server";
  }

  private static void end(Process process) throws InterruptedException {
    // The trainer is not killed with it: it has to find out by itself.
    process.destroyForcibly().waitFor();
  }

  private Process start(Path data, Path probes, BrokerProcess broker) throws IOException {
    Files.createDirectories(data);
    Process process =
        ChildJvm.start(
            folder,
            LoopUnderKill.class,
            data.toString(),
            probes.toString(),
            broker.address(),
            Path.of("target", "engine-test-data").toAbsolutePath().toString());
    Thread.ofVirtual()
        .start(
            () -> {
              try (BufferedReader lines = process.inputReader()) {
                while (lines.readLine() != null) {}
              } catch (IOException e) {
                // It was killed.
              }
            });
    return process;
  }

  /** Each correction until it is acknowledged, whatever happens to the broker meanwhile. */
  private static void send(String broker, Set<String> acknowledged) {
    List<Drawing> drawings = World.skillExamples(Skill.GAUGE, 5, LoopUnderKill.EXAMPLES);
    Path own;
    try {
      own = Files.createTempDirectory("sender");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    try (FileObjectStore store = FileObjectStore.open(own);
        Events events =
            Events.start(
                LoopUnderKill.settings(broker),
                own,
                new TenantPictures(store, 1 << 20),
                Clock.systemUTC())) {
      for (int i = 0; i < drawings.size(); i++) {
        Feedback feedback = feedback("f" + i, drawings.get(i));
        while (!Thread.currentThread().isInterrupted()) {
          try {
            var _ = events.feedbackLog().append(feedback).join();
            acknowledged.add(feedback.id());
            break;
          } catch (CompletionException e) {
            Thread.sleep(200);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Feedback feedback(String id, Drawing drawing) {
    return new Feedback(
        id,
        ADAPTER,
        Optional.empty(),
        List.of(
            new ChatMessage(
                Role.USER,
                List.of(
                    new PicturePart(Picture.of(drawing.png())),
                    new TextPart(drawing.questions().getFirst().text())))),
        "",
        drawing.questions().getFirst().answer(),
        OptionalDouble.empty(),
        List.of());
  }

  private static void awaitTheEnd(Path data, long seed) throws InterruptedException {
    long end = System.nanoTime() + RUN_MAX.toNanos();
    try (FileObjectStore store = FileObjectStore.open(data.resolve("store"))) {
      while (System.nanoTime() < end) {
        TuningJobs jobs = TuningJobs.open(store, Clock.systemUTC(), _ -> {});
        if (!jobs.of(ADAPTER).isEmpty() && jobs.open().isEmpty() && tuned(store, jobs)) {
          return;
        }
        Thread.sleep(300);
      }
    }
    throw new AssertionError("The jobs did not end, seed " + seed);
  }

  /** Whether some job has seen every example. */
  private static boolean tuned(FileObjectStore store, TuningJobs jobs) {
    ExampleStore examples = examples(store, registry(store));
    return examples.usable(ADAPTER).size() == LoopUnderKill.EXAMPLES
        && jobs.of(ADAPTER).stream()
            .anyMatch(
                job ->
                    examples.usable(ADAPTER).stream()
                        .noneMatch(each -> each.received().isAfter(job.newestExample())));
  }

  private static void requireWhole(Path data, Set<String> acknowledged, long seed) {
    try (FileObjectStore store = FileObjectStore.open(data.resolve("store"))) {
      AdapterRegistry registry = registry(store);
      List<String> kept =
          examples(store, registry).list(ADAPTER).stream()
              .map(each -> each.example().feedbackId())
              .toList();
      assertThat(kept)
          .as("kept, seed %d", seed)
          .doesNotHaveDuplicates()
          .containsExactlyInAnyOrderElementsOf(acknowledged);

      AdapterSnapshot adapter = registry.get(ADAPTER);
      List<TuningJob> jobs = TuningJobs.open(store, Clock.systemUTC(), _ -> {}).of(ADAPTER);
      assertThat(jobs)
          .as("jobs, seed %d", seed)
          .allSatisfy(job -> assertThat(job.state()).as(job.error()).isEqualTo(JobState.PUBLISHED));
      Map<String, Long> made =
          adapter.revisions().stream()
              .collect(Collectors.groupingBy(Revision::origin, Collectors.counting()));
      Map<String, Long> expected = new HashMap<>();
      jobs.forEach(job -> expected.put(job.id(), 1L));
      assertThat(made).as("revisions by job, seed %d", seed).isEqualTo(expected);

      Revision active = adapter.revision(adapter.activeRevision()).orElseThrow();
      assertThat(active.revision()).isEqualTo(jobs.getFirst().publishedRevision());
      // Reading a blob checks it against its digest.
      for (String blob : List.of(active.files().config(), active.files().weights())) {
        assertThat(store.blob(blob)).as("seed %d", seed).isRegularFile();
      }
    }
  }

  private static AdapterRegistry registry(FileObjectStore store) {
    return AdapterRegistry.open(store, AdapterLimits.defaults(), Clock.systemUTC());
  }

  private static ExampleStore examples(FileObjectStore store, AdapterRegistry registry) {
    TenantPictures pictures = new TenantPictures(store, 1 << 20);
    return ExampleStore.open(
        store,
        registry,
        pictures,
        Predictions.open(store, pictures, PredictionLimits.defaults(), Clock.systemUTC()),
        FeedbackLimits.defaults(),
        Clock.systemUTC());
  }

  private Path probes() throws IOException {
    Path probes = Files.createDirectories(folder.resolve("probes"));
    List<ProbeLine> lines = new ArrayList<>();
    Map<String, Picture> pictures = new HashMap<>();
    List<Drawing> drawings = World.heldOut(6, 60);
    for (int i = 0; i < drawings.size(); i++) {
      pictures.put(i + ".png", Picture.of(drawings.get(i).png()));
      lines.add(
          new ProbeLine(
              drawings.get(i).questions().getFirst().task(),
              i + ".png",
              drawings.get(i).questions().getFirst().text(),
              Optional.of(drawings.get(i).questions().getFirst().answer()),
              Optional.of(i < 40 ? ProbeUse.PROBE : ProbeUse.REHEARSAL)));
    }
    var _ = ProbeFolder.write(probes, lines, pictures);
    return probes;
  }
}
