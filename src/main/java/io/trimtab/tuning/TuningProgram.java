package io.trimtab.tuning;

import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.TuningEvent.Finished;
import io.trimtab.tuning.job.DiskSteps;
import io.trimtab.tuning.job.JobFolder;
import io.trimtab.tuning.job.TuningListener.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The trainer as a program: {@code TuningProgram JOBFOLDER}. Says {@link TuningEvent}s on standard
 * output and obeys {@link TuningCommand}s on standard input; when that ends, its server is gone,
 * and it ends too. Exit codes: 0 for a delta, 1 for a failure that was said, 3 without a server.
 */
public final class TuningProgram {
  private static final int ABANDONED = 3;

  /** A trainer without a server ends at its next micro-batch, or after this if that hangs. */
  private static final Duration ABANDONED_MAX = Duration.ofMinutes(2);

  /** Longer than the last micro-batch of a trainer whose server was killed. */
  private static final Duration LOCK_PATIENCE = Duration.ofMinutes(2);

  /** Any process may raise its own. */
  private static final Path OOM_SCORE = Path.of("/proc/self/oom_score_adj");

  private static final String OOM_SCORE_MOST = "1000";

  private static final long PICTURE_BYTES_MAX = 256L << 20;

  private final Path path;
  private final TrainableModels models;
  private final TrainingSwitch turn = new TrainingSwitch();

  private TuningProgram(Path path, TrainableModels models) {
    this.path = path;
    this.models = models;
  }

  public static void main(String[] arguments) {
    run(arguments, TorchModel::open);
  }

  /** Trains and ends this process. */
  static void run(String[] arguments, TrainableModels models) {
    diesFirst();
    PrintStream events = System.out;
    // What libraries print must not look like an event.
    System.setOut(System.err);
    if (arguments.length != 1) {
      System.err.println("Expected one argument, the job's folder");
      System.exit(2);
    }
    TuningProgram program = new TuningProgram(Path.of(arguments[0]), models);
    Thread.ofPlatform().daemon().name("commands").start(() -> program.obey(System.in));
    System.exit(program.train(new EventWriter(events)));
  }

  /** Where memory runs out, Linux kills this process and not the server. */
  private static void diesFirst() {
    try {
      Files.writeString(OOM_SCORE, OOM_SCORE_MOST, StandardOpenOption.WRITE);
    } catch (IOException e) {
      // Other systems have no such file.
    }
  }

  private int train(Consumer<TuningEvent> events) {
    try {
      events.accept(new Finished(outcome(events)));
      return 0;
    } catch (Throwable e) { // Whatever it is, the server is told.
      if (turn.isAbandoned()) {
        return ABANDONED;
      }
      if (!(e instanceof TrimtabException)) {
        e.printStackTrace();
      }
      events.accept(Failures.of(e));
      return 1;
    }
  }

  private Outcome outcome(Consumer<TuningEvent> events) throws IOException {
    try (JobLock lock = JobLock.take(path, LOCK_PATIENCE, turn)) {
      JobFolder folder = JobFolder.open(path);
      Optional<Outcome> ended = folder.outcome();
      if (ended.isPresent()) {
        return ended.get();
      }
      try (TrainableModel model = models.open(folder.plan(), folder.pictures(PICTURE_BYTES_MAX))) {
        return new TrainingLoop(folder, model, turn, events, DiskSteps.REAL).run();
      }
    }
  }

  private void obey(InputStream commands) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(commands, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        TuningLines.command(line)
            .ifPresent(
                command -> {
                  switch (command) {
                    case PAUSE -> turn.pause();
                    case RESUME -> turn.resume();
                    case STOP -> turn.stop();
                  }
                });
      }
    } catch (IOException e) {
      // A standard input that can't be read is one that has ended.
    }
    turn.abandon();
    try {
      Thread.sleep(ABANDONED_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(ABANDONED);
  }
}
