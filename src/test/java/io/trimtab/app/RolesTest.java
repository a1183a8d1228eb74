package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.feedback.PredictionLimits;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.BrokerProcess;
import io.trimtab.testing.ChildJvm;
import io.trimtab.testing.Shared;
import io.trimtab.world.Drawing;
import io.trimtab.world.Skill;
import io.trimtab.world.World;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers of the roles {@code serve} and {@code tune}, and a broker, each a process of its own. */
class RolesTest {
  static final AdapterId ADAPTER = new AdapterId("t", "gauges");
  private static final int EXAMPLES = 16;
  private static final int MORE = 8;
  private static final Duration WAIT_MAX = Duration.ofMinutes(2);

  @TempDir Path folder;

  @Test
  void rolesMeetThroughTheBrokerAndTheStoreAloneAndOutliveTheBroker() throws Exception {
    Path data = data();
    try (BrokerProcess broker = BrokerProcess.start(folder);
        Server serving = new Server("serve", data, broker);
        Server tuning = new Server("tune", data, broker)) {
      assertThat(serving.order("consumer 0")).isEqualTo("NONE");
      submit(serving, 0, EXAMPLES);
      // Made by the one, served by the other, which has only heard of it.
      await(() -> serving.order("ask 0").equals("1"));
      try (Server second = new Server("serve", data, broker)) {
        assertThat(second.order("ask 0")).isEqualTo("1");
        await(() -> tuning.order("consumer 0").equals("CONSUMING"));

        broker.kill();
        await(() -> tuning.order("consumer 0").equals("BROKER_AWAY"));
        assertThat(serving.order("ask 0")).isEqualTo("1");
        assertThat(serving.order("submit 0")).isEqualTo("UNAVAILABLE");
        assertThat(serving.order("activate 0")).isEqualTo("activated");
        assertThat(serving.order("ask 0")).isEqualTo("0");
        assertThat(second.order("ask 0")).isEqualTo("1");

        broker.startAgain();
        await(() -> second.order("ask 0").equals("0"));
      }
      submitWhileTheBrokerIsKilled(serving, broker);
      await(() -> kept(data).size() == EXAMPLES + MORE);
      assertThat(kept(data))
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(0, EXAMPLES + MORE).mapToObj(i -> "f" + i).toList());
      await(() -> tuning.order("consumer 0").equals("CONSUMING"));
    }
  }

  private static void submitWhileTheBrokerIsKilled(Server serving, BrokerProcess broker)
      throws Exception {
    // Another moment in each run; where a kill comes is shown by KilledAnywhereTest by its seed.
    Random random = new Random();
    CompletableFuture<Void> submitted =
        CompletableFuture.runAsync(() -> submit(serving, EXAMPLES, EXAMPLES + MORE));
    LockSupport.parkNanos(Duration.ofMillis(random.nextInt(2_000)).toNanos());
    broker.kill();
    LockSupport.parkNanos(Duration.ofMillis(random.nextInt(2_000)).toNanos());
    broker.startAgain();
    submitted.join();
  }

  /** Each until it is acknowledged. */
  private static void submit(Server server, int from, int to) {
    for (int i = from; i < to; i++) {
      String order = "submit " + i;
      await(() -> server.order(order).equals("acknowledged"));
    }
  }

  /** Correction {@code number}, the same in every process. */
  static Feedback feedback(int number) {
    Drawing drawing = World.skillExamples(Skill.GAUGE, 5, EXAMPLES + MORE).get(number);
    return new Feedback(
        "f" + number,
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

  private static List<String> kept(Path data) {
    try (FileObjectStore store = FileObjectStore.open(data.resolve(FileObjectStore.FOLDER))) {
      Clock clock = Clock.systemUTC();
      TenantPictures pictures = new TenantPictures(store, 1 << 20);
      return ExampleStore.open(
              store,
              AdapterRegistry.open(store, AdapterLimits.defaults(), clock),
              pictures,
              Predictions.open(store, pictures, PredictionLimits.defaults(), clock),
              FeedbackLimits.defaults(),
              clock)
          .list(ADAPTER)
          .stream()
          .map(each -> each.example().feedbackId())
          .toList();
    }
  }

  /** With what takes long to make, and is the same for all tests. */
  private Path data() throws IOException {
    Path data = Files.createDirectories(folder.resolve("data"));
    for (String part : List.of("graphs", "digests", "torch")) {
      Path shared = Path.of("target", "engine-test-data", part).toAbsolutePath();
      Files.createSymbolicLink(data.resolve(part), Files.createDirectories(shared));
    }
    return data;
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + WAIT_MAX.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("Waited in vain for " + WAIT_MAX);
      }
      LockSupport.parkNanos(100_000_000);
    }
  }

  /** A server that is given orders. */
  private final class Server implements AutoCloseable {
    private final Process process;
    private final Writer orders;
    private final BufferedReader answers;
    private boolean ready;

    Server(String role, Path data, BrokerProcess broker) throws IOException {
      process =
          ChildJvm.start(
              folder,
              RoleProcess.class,
              "role=" + role,
              "data=" + data,
              "model=" + Shared.path(LoopUnderKill.MODEL),
              "kafka.bootstrap-servers=" + broker.address(),
              "tuning.examples=" + EXAMPLES,
              "tuning.quiet-seconds=1",
              "tuning.r=8",
              "tuning.max-steps=6",
              "tuning.batch-size=4",
              "tuning.eval-steps=3",
              "tuning.threads=1",
              "tuning.heap-bytes-max=" + (512L << 20));
      orders = process.outputWriter();
      answers = process.inputReader();
    }

    synchronized String order(String order) {
      try {
        if (!ready) {
          assertThat(answer()).isEqualTo("ready");
          ready = true;
        }
        orders.write(order + "\n");
        orders.flush();
        return answer();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private String answer() throws IOException {
      String line = answers.readLine();
      while (line != null && !line.startsWith("> ")) {
        line = answers.readLine();
      }
      return Objects.requireNonNull(line, "The server ended before it answered").substring(2);
    }

    @Override
    public void close() throws Exception {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
  }
}
