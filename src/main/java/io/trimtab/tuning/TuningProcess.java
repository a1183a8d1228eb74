package io.trimtab.tuning;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.Trainer;
import io.trimtab.tuning.job.TuningListener;
import io.trimtab.tuning.job.TuningRun;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Trains each job in a process of its own, which a native abort or a lack of memory ends alone. Any
 * thread. When this is closed, or the JVM ends in order, the processes are killed and listeners
 * hear nothing more; their jobs go on when they are started again. If the JVM is killed, they end
 * by themselves at the next micro-batch.
 */
public final class TuningProcess implements Trainer, AutoCloseable {
  private final TrainerCommand command;

  /** Guarded by this; those of jobs that are not over. */
  private final Set<SupervisedRun> runs = new HashSet<>();

  private final Thread killer = new Thread(this::leaveAll, "trainer-killer");
  private State state = State.NEW;

  private enum State {
    NEW,
    STARTED,
    CLOSED
  }

  public TuningProcess(TuningProcessOptions options) {
    this(new TrainerCommand(options, TuningProgram.class.getName(), List.of()));
  }

  TuningProcess(TrainerCommand command) {
    this.command = command;
  }

  @Override
  public synchronized TuningRun start(Path jobFolder, TuningListener listener) {
    switch (state) {
      case NEW -> watchShutdown();
      case STARTED -> {}
      case CLOSED -> throw stopping(null);
    }
    SupervisedRun run = new SupervisedRun(jobFolder, command, listener);
    runs.add(run);
    Thread.ofPlatform()
        .daemon()
        .name("tuning-" + jobFolder.getFileName())
        .start(
            () -> {
              try {
                run.supervise();
              } finally {
                forget(run);
              }
            });
    return run;
  }

  private synchronized void watchShutdown() {
    try {
      Runtime.getRuntime().addShutdownHook(killer);
      state = State.STARTED;
    } catch (IllegalStateException e) {
      throw stopping(e);
    }
  }

  private static TrimtabException stopping(@Nullable Exception cause) {
    return new TrimtabException(
        ErrorCode.UNAVAILABLE, "The server stops; no job is started", cause);
  }

  private synchronized void forget(SupervisedRun run) {
    runs.remove(run);
  }

  private synchronized void leaveAll() {
    state = State.CLOSED;
    runs.forEach(SupervisedRun::leave);
  }

  @Override
  public void close() {
    leaveAll();
    try {
      Runtime.getRuntime().removeShutdownHook(killer);
    } catch (IllegalStateException e) {
      // The JVM is ending, and the hook has run or will.
    }
  }
}
