package io.trimtab.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.util.Utils;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.testing.ChildJvm;
import io.trimtab.tuning.FakeTrainer.Mishap;
import io.trimtab.tuning.job.DiskSteps;
import io.trimtab.tuning.job.JobFolder;
import io.trimtab.tuning.job.TinyJob;
import io.trimtab.tuning.job.TrainingSettings;
import io.trimtab.tuning.job.TuningListener;
import io.trimtab.tuning.job.TuningListener.Outcome;
import io.trimtab.tuning.job.TuningListener.Step;
import io.trimtab.tuning.job.TuningRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real processes, which train a {@link QuadraticModel}. */
@Timeout(300)
class TuningProcessTest {
  private static final Duration NO_PACE = Duration.ZERO;
  private static final Duration LONG = Duration.ofMinutes(2);

  /**
   * A step has two micro-batches: with this before each, a job of 60 steps lasts for seconds, in
   * which a test can come to something.
   */
  private static final Duration SLOW = Duration.ofMillis(30);

  @TempDir private Path folder;

  private final HeardEvents heard = new HeardEvents();
  private final List<TuningProcess> opened = new ArrayList<>();

  @AfterEach
  void close() throws InterruptedException {
    opened.forEach(TuningProcess::close);
    for (ProcessHandle child : trainers(ProcessHandle.current())) {
      awaitEnd(child);
    }
  }

  private TuningProcess trainer(int restarts, Duration silence, List<String> options) {
    TuningProcess trainer =
        new TuningProcess(
            new TrainerCommand(
                options(folder, restarts, silence), FakeTrainer.class.getName(), options));
    opened.add(trainer);
    return trainer;
  }

  private static TuningProcessOptions options(Path folder, int restarts, Duration silence) {
    return new TuningProcessOptions(
        folder.resolve("cache"),
        64L << 20,
        Collections.nCopies(restarts, Duration.ZERO),
        silence,
        Duration.ofSeconds(20));
  }

  private TuningProcess trainer(Mishap mishap, int at) {
    return trainer(1, LONG, FakeTrainer.options(mishap, at, NO_PACE));
  }

  private Path job(int steps) throws IOException {
    return TinyJob.sealed(folder, TinyJob.settings(steps));
  }

  private static byte[] delta(Path job) throws IOException {
    return Files.readAllBytes(job.resolve("delta/adapter_model.safetensors"));
  }

  /** What training that nobody disturbs makes. */
  private byte[] undisturbed(int steps) throws IOException {
    TrainingSettings settings = TinyJob.settings(steps);
    Path job = TinyJob.sealed(folder.resolve("undisturbed"), settings);
    new TrainingLoop(
            JobFolder.open(job),
            new QuadraticModel(settings.seed()),
            new TrainingSwitch(),
            event -> {},
            DiskSteps.REAL)
        .run();
    return delta(job);
  }

  private static List<ProcessHandle> trainers(ProcessHandle parent) {
    return children(parent, FakeTrainer.class.getName());
  }

  private static List<ProcessHandle> children(ProcessHandle parent, String argument) {
    return parent
        .children()
        .filter(
            child ->
                child.info().arguments().stream().anyMatch(all -> List.of(all).contains(argument)))
        .toList();
  }

  private static void awaitEnd(ProcessHandle process) throws InterruptedException {
    try {
      process.onExit().get(60, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      throw new AssertionError("Process %d still runs".formatted(process.pid()), e);
    }
  }

  private static void awaitHeld(TuningRun run) {
    long end = System.nanoTime() + LONG.toNanos();
    while (!run.isHeld() && System.nanoTime() < end) {
      LockSupport.parkNanos(5_000_000);
    }
    assertThat(run.isHeld()).as("it has said that it stands").isTrue();
  }

  @Test
  void aProcessTrainsAndSaysSo() throws Exception {
    Path job = job(9);

    trainer(Mishap.NONE, 0).start(job, heard);
    Outcome outcome = heard.awaitOutcome();

    assertThat(heard.steps).extracting(Step::step).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(heard.steps).allMatch(step -> step.tokensPerSecond() > 0 && step.steps() == 9);
    assertThat(heard.validations).hasSize(3);
    assertThat(outcome.steps()).isEqualTo(9);
    assertThat(delta(job)).isEqualTo(undisturbed(9));
  }

  @Test
  void aJobThatIsOverReportsItsOutcomeAgain() throws Exception {
    Path job = job(3);
    TuningProcess trainer = trainer(Mishap.NONE, 0);
    trainer.start(job, heard);
    Outcome outcome = heard.awaitOutcome();
    HeardEvents again = new HeardEvents();

    trainer.start(job, again);

    assertThat(again.awaitOutcome()).isEqualTo(outcome);
    assertThat(again.steps).isEmpty();
  }

  @Test
  void whatLibrariesPrintIsNoEventAndBreaksNone() throws Exception {
    trainer(Mishap.PRINT, 3).start(job(9), heard);
    heard.awaitOutcome();

    assertThat(heard.steps).extracting(Step::step).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
  }

  @Test
  void killedAtRandomMomentsItEndsWithTheSameDelta() throws Exception {
    Random random = new Random(17);
    int steps = 60;
    Path job = job(steps);
    trainer(8, LONG, FakeTrainer.options(Mishap.NONE, 0, Duration.ofMillis(3))).start(job, heard);

    for (int kill = 0; kill < 4; kill++) {
      heard.awaitSteps(heard.steps.size() + 1 + random.nextInt(12));
      trainers(ProcessHandle.current()).forEach(ProcessHandle::destroyForcibly);
    }
    heard.awaitOutcome();

    assertThat(heard.outcomes).hasSize(1);
    assertThat(delta(job)).isEqualTo(undisturbed(steps));
  }

  @ParameterizedTest
  @CsvSource({
    "EXIT, INTERNAL, ended with 77; it said: last words",
    "KILL, RESOURCE_EXHAUSTED, 'ended by signal 9 (most likely out of memory, expected more of it'",
    "BAD_ALLOC, RESOURCE_EXHAUSTED, 'ended by signal 6 (most likely out of memory, expected more'",
    "NO_NATIVE_MEMORY, RESOURCE_EXHAUSTED, 'ended with 1 (most likely out of memory, expected'"
  })
  void aProcessThatDiesEachTimeIsGivenUp(Mishap mishap, ErrorCode code, String said)
      throws Exception {
    trainer(mishap, 3).start(job(9), heard);
    TrimtabException failure = heard.awaitFailure();

    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure).hasMessageContaining("died 2 times").hasMessageContaining(said);
  }

  /** It saves every other step and dies in the third of each process; a restart is not enough. */
  @Test
  void aJobThatComesFurtherWithEachProcessIsNeverGivenUp() throws Exception {
    Path job = job(9);

    trainer(Mishap.KILL, 6).start(job, heard);
    heard.awaitOutcome();

    assertThat(delta(job)).isEqualTo(undisturbed(9));
  }

  @Test
  void betweenADeathAndTheNextProcessIsAPauseThatAStopEnds() throws Exception {
    TuningProcess trainer =
        new TuningProcess(
            new TrainerCommand(
                new TuningProcessOptions(
                    folder.resolve("cache"),
                    64L << 20,
                    List.of(Duration.ZERO, Duration.ofDays(1)),
                    LONG,
                    Duration.ofSeconds(20)),
                FakeTrainer.class.getName(),
                FakeTrainer.options(Mishap.KILL, 3, NO_PACE)));
    opened.add(trainer);
    TuningRun run = trainer.start(job(9), heard);
    heard.awaitSteps(2);
    for (ProcessHandle second : trainers(ProcessHandle.current())) {
      awaitEnd(second);
    }

    heard.awaitQuiet(Duration.ofMillis(1500));
    assertThat(trainers(ProcessHandle.current())).isEmpty();
    assertThat(heard.failures).isEmpty();
    run.stop();

    assertThat(heard.awaitFailure().code()).isEqualTo(ErrorCode.CANCELLED);
  }

  @ParameterizedTest
  @CsvSource({
    "RUN_OUT_OF_HEAP, RESOURCE_EXHAUSTED, OutOfMemoryError",
    "TORCH_LACKS_MEMORY, RESOURCE_EXHAUSTED, ran out of memory",
    "BUG, INTERNAL, The tensors of layer 3 disagree"
  })
  void aFailureThatIsSaidIsNotTriedAgain(Mishap mishap, ErrorCode code, String said)
      throws Exception {
    trainer(mishap, 3).start(job(9), heard);
    TrimtabException failure = heard.awaitFailure();

    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure).hasMessageContaining(said);
    assertThat(heard.steps).extracting(Step::step).containsExactly(1);
  }

  /** A neighbour's job is trained to its end meanwhile, in a process of its own. */
  @Test
  void aTrainerThatIsKilledForItsMemoryHarmsNoOther() throws Exception {
    Path killed = job(9);
    Path neighbour = TinyJob.sealed(folder.resolve("neighbour"), TinyJob.settings(9));
    HeardEvents beside = new HeardEvents();

    trainer(Mishap.KILL, 3).start(killed, heard);
    trainer(Mishap.NONE, 0).start(neighbour, beside);

    assertThat(heard.awaitFailure().code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    beside.awaitOutcome();
    assertThat(delta(neighbour)).isEqualTo(undisturbed(9));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whereMemoryRunsOutTheTrainerIsKilledAndNotTheServer() throws Exception {
    trainer(0, LONG, FakeTrainer.options(Mishap.NONE, 0, SLOW)).start(job(10_000), heard);
    heard.awaitSteps(1);

    ProcessHandle trainer = trainers(ProcessHandle.current()).getFirst();
    assertThat(Path.of("/proc", Long.toString(trainer.pid()), "oom_score_adj")).hasContent("1000");
  }

  /** The real trainer, on a machine without one. */
  @Test
  void aDeviceThatIsNotHereIsTheJobsFailure() throws Exception {
    Path job = TinyJob.sealed(folder, TinyJob.settings(9), "cuda:99");
    TuningProcess trainer =
        new TuningProcess(
            new TuningProcessOptions(
                Utils.getEngineCacheDir(), 256L << 20, List.of(), LONG, Duration.ofSeconds(20)));
    opened.add(trainer);

    trainer.start(job, heard);
    TrimtabException failure = heard.awaitFailure();

    assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(failure)
        .hasMessageContaining("The tuning device cuda:99 is not here: PyTorch sees")
        .hasMessageContaining("expected at least 100; cpu (trimtab.tuning.device)");
    assertThat(heard.steps).isEmpty();
  }

  /** Throws at each step, and passes the rest on. */
  private record Throwing(HeardEvents heard, Throwable thrown) implements TuningListener {
    @Override
    public void step(Step step) {
      switch (thrown) {
        case Error error -> throw error;
        case RuntimeException exception -> throw exception;
        default -> throw new AssertionError(thrown);
      }
    }

    @Override
    public void validated(Validation validation) {
      heard.validated(validation);
    }

    @Override
    public void finished(Outcome outcome) {
      heard.finished(outcome);
    }

    @Override
    public void failed(TrimtabException reason) {
      heard.failed(reason);
    }
  }

  static List<Throwable> whatAListenerThrows() {
    return List.of(new IllegalStateException("no such job"), new OutOfMemoryError("Java heap"));
  }

  @ParameterizedTest
  @MethodSource("whatAListenerThrows")
  void aListenerThatThrowsEndsTheJobAsAFailure(Throwable thrown) throws Exception {
    trainer(Mishap.NONE, 0).start(job(10_000), new Throwing(heard, thrown));
    TrimtabException failure = heard.awaitFailure();

    assertThat(failure.code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(failure).hasCause(thrown).hasMessageContaining(thrown.getMessage());
    assertThat(trainers(ProcessHandle.current())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aTrainerOfWhichNothingCanBeHeardIsKilled(int threadsToBeHad) throws Exception {
    String mark = "300." + threadsToBeHad;
    AtomicInteger threads = new AtomicInteger();
    ThreadFactory scarce =
        task -> {
          if (threads.getAndIncrement() == threadsToBeHad) {
            throw new OutOfMemoryError("unable to create native thread");
          }
          return Thread.ofPlatform().daemon().unstarted(task);
        };

    assertThatThrownBy(() -> TrainerChild.start(new ProcessBuilder("sleep", mark), scarce))
        .hasMessageContaining("native thread");

    for (ProcessHandle child : children(ProcessHandle.current(), mark)) {
      awaitEnd(child);
    }
  }

  @Test
  void aFolderThatCannotBeTrainedIsRefusedWithReason() throws Exception {
    Path job = job(9);
    Files.writeString(job.resolve("sequences.jsonl"), "{}\n");
    TuningProcess trainer = trainer(Mishap.NONE, 0);

    trainer.start(job, heard);
    assertThat(heard.awaitFailure().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(heard.failures.getFirst()).hasMessageContaining("sealed with");
    HeardEvents nothing = new HeardEvents();
    trainer.start(folder.resolve("nowhere"), nothing);
    assertThat(nothing.awaitFailure()).hasMessageContaining("no sealed job");
  }

  /** A start of the JVM that takes longer than the silence only costs one of many restarts. */
  @Test
  void aProcessThatHangsIsReplaced() throws Exception {
    Path job = job(9);
    List<String> options = FakeTrainer.onceOptions(Mishap.HANG, 8, NO_PACE, folder.resolve("hung"));

    trainer(9, Duration.ofSeconds(4), options).start(job, heard);
    heard.awaitOutcome();

    assertThat(folder.resolve("hung")).exists();
    assertThat(delta(job)).isEqualTo(undisturbed(9));
  }

  @Test
  void aPauseHoldsTrainingAndIsNotCountedAsWorkOrSilence() throws Exception {
    Path job = job(60);
    Duration silence = Duration.ofSeconds(5);
    TuningRun run =
        trainer(9, silence, FakeTrainer.options(Mishap.NONE, 0, SLOW)).start(job, heard);
    heard.awaitSteps(3);

    run.pause();
    awaitHeld(run);
    heard.awaitQuiet(Duration.ofMillis(5300));
    int before = heard.steps.size();
    assertThat(run.isHeld()).as("it has said that it stands").isTrue();
    run.resume();
    assertThat(run.isHeld()).isFalse();
    Outcome outcome = heard.awaitOutcome();

    assertThat(before).isLessThan(60);
    assertThat(outcome.pausedSeconds()).isBetween(5.0, 60.0);
    assertThat(heard.steps).hasSize(60);
    // The pause lies within the first step since, at most 44 tokens: with it, 10 a second are not
    // reached.
    assertThat(heard.steps.get(before).tokensPerSecond()).isGreaterThan(10);
    assertThat(delta(job)).isEqualTo(undisturbed(60));
  }

  @Test
  void aPauseOutlivesTheProcess() throws Exception {
    Path job = job(60);
    TuningRun run = trainer(3, LONG, FakeTrainer.options(Mishap.NONE, 0, SLOW)).start(job, heard);
    heard.awaitSteps(3);
    run.pause();
    awaitHeld(run);
    heard.awaitQuiet(Duration.ofMillis(300));
    ProcessHandle first = trainers(ProcessHandle.current()).getFirst();

    first.destroyForcibly();
    awaitEnd(first);
    // A new process may do its first micro-batch before it hears of the pause, no more.
    heard.awaitQuiet(Duration.ofMillis(1500));
    // By now this is about the new process, which may take its time to start and say so.
    awaitHeld(run);

    assertThat(heard.outcomes).isEmpty();
    run.resume();
    heard.awaitOutcome();
    assertThat(delta(job)).isEqualTo(undisturbed(60));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStopEndsTheJobAsCancelled(boolean paused) throws Exception {
    TuningRun run =
        trainer(3, LONG, FakeTrainer.options(Mishap.NONE, 0, Duration.ofMillis(5)))
            .start(job(10_000), heard);
    heard.awaitSteps(2);
    if (paused) {
      run.pause();
      heard.awaitQuiet(Duration.ofMillis(100));
    }

    run.stop();

    assertThat(heard.awaitFailure().code()).isEqualTo(ErrorCode.CANCELLED);
    assertThat(trainers(ProcessHandle.current())).isEmpty();
  }

  @Test
  void whatDoesNotStopIsKilledAfterTheGrace() throws Exception {
    TuningProcess trainer =
        new TuningProcess(
            new TrainerCommand(
                new TuningProcessOptions(
                    folder.resolve("cache"), 64L << 20, List.of(), LONG, Duration.ofMillis(300)),
                FakeTrainer.class.getName(),
                FakeTrainer.options(Mishap.HANG, 7, NO_PACE)));
    opened.add(trainer);
    TuningRun run = trainer.start(job(9), heard);
    heard.awaitSteps(2);

    run.stop();

    assertThat(heard.awaitFailure().code()).isEqualTo(ErrorCode.CANCELLED);
    assertThat(trainers(ProcessHandle.current())).isEmpty();
  }

  @Test
  void closedItKillsWhatRunsTellsNobodyAndTheJobGoesOnLater() throws Exception {
    Path job = job(60);
    TuningProcess first = trainer(3, LONG, FakeTrainer.options(Mishap.NONE, 0, SLOW));
    first.start(job, heard);
    heard.awaitSteps(5);
    List<ProcessHandle> processes = trainers(ProcessHandle.current());

    first.close();
    awaitEnd(processes.getFirst());
    assertThatThrownBy(() -> first.start(job, heard)).hasMessageContaining("The server stops");
    HeardEvents later = new HeardEvents();
    trainer(Mishap.NONE, 0).start(job, later);

    later.awaitOutcome();
    assertThat(later.steps.size()).isLessThan(60);
    assertThat(heard.outcomes).isEmpty();
    assertThat(heard.failures).isEmpty();
    assertThat(delta(job)).isEqualTo(undisturbed(60));
  }

  @Test
  void aTrainerWaitsForAnotherOfTheSameJob() throws Exception {
    Path job = job(3);
    try (JobLock held = JobLock.take(job, Duration.ZERO, new TrainingSwitch())) {
      trainer(Mishap.NONE, 0).start(job, heard);
      heard.awaitQuiet(Duration.ofMillis(1500));
      assertThat(heard.steps).isEmpty();
    }
    heard.awaitOutcome();
  }

  @Test
  void whileOneProcessTrainsAJobNoOtherCan() throws Exception {
    Path job = job(10_000);
    trainer(3, LONG, FakeTrainer.options(Mishap.NONE, 0, Duration.ofMillis(5))).start(job, heard);
    heard.awaitSteps(1);

    assertThatThrownBy(() -> JobLock.take(job, Duration.ofMillis(150), new TrainingSwitch()))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION));
  }

  /** Starts a job as a server does, and says when it has made steps; ends when told so. */
  static final class Server {
    public static void main(String[] arguments) throws Exception {
      Path folder = Path.of(arguments[0]);
      Mishap mishap = Mishap.valueOf(arguments[1]);
      HeardEvents heard = new HeardEvents();
      TuningProcess trainer =
          new TuningProcess(
              new TrainerCommand(
                  options(folder, 3, LONG),
                  FakeTrainer.class.getName(),
                  FakeTrainer.options(mishap, 8, SLOW)));
      TuningRun run = trainer.start(folder.resolve("job"), heard);
      heard.awaitSteps(2);
      if (arguments[2].equals("paused")) {
        run.pause();
        heard.awaitQuiet(Duration.ofMillis(300));
      }
      System.out.println("training");
      var _ = System.in.read();
      System.exit(0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"running", "paused"})
  void aServerThatIsKilledLeavesNoTrainerAndTheJobGoesOn(String how) throws Exception {
    Path job = job(150);
    Process server =
        ChildJvm.start(folder, Server.class, folder.toString(), Mishap.NONE.name(), how);
    assertThat(server.inputReader().readLine()).isEqualTo("training");
    List<ProcessHandle> orphans = trainers(server.toHandle());
    assertThat(orphans).hasSize(1);

    server.destroyForcibly().waitFor();
    // At once, as a server does that is started again: the lock is waited for.
    trainer(Mishap.NONE, 0).start(job, heard);
    awaitEnd(orphans.getFirst());

    heard.awaitOutcome();
    assertThat(delta(job)).isEqualTo(undisturbed(150));
  }

  @Test
  void aServerThatEndsTakesAHangingTrainerAlong() throws Exception {
    job(150);
    Process server =
        ChildJvm.start(folder, Server.class, folder.toString(), Mishap.HANG.name(), "running");
    assertThat(server.inputReader().readLine()).isEqualTo("training");
    List<ProcessHandle> trainers = trainers(server.toHandle());
    assertThat(trainers).hasSize(1);

    server.getOutputStream().close();
    assertThat(server.waitFor()).isZero();

    awaitEnd(trainers.getFirst());
  }
}
